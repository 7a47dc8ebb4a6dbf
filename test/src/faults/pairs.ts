import { type Deployment, deploy, profileEngine, withoutCaches } from '../harness/deployment.ts';

/**
 * Two instances of each stage that take the given times: one to hit, one to go on. Without caches, so that pictures
 * that were seen in another test are work again.
 */
export const deployPairs = (
  redisUrl: string,
  profile: Parameters<typeof profileEngine>[0],
  settings: Readonly<Record<string, string>> = {},
): Promise<Deployment> =>
  deploy({
    redisUrl,
    shape: { encoder: 2, prefill: 2, decode: 2 },
    settings: { ...withoutCaches, ...settings, ...profileEngine(profile) },
  });
