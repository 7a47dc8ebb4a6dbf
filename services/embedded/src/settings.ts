import { type RouterSettings, routerSettings } from '@isotherm/router';
import { integer, type Schema, text } from '@isotherm/runtime';
import { type StageSettings, stageSettings } from '@isotherm/stage';
import { upstreamOwnSettings, type UpstreamOwnSettings } from '@isotherm/upstream';

/** Instances of each stage that share the process. */
export interface InstanceCounts {
  readonly encoders: number;
  readonly prefills: number;
  readonly decodes: number;
}

/**
 * The settings of a router and of a stage under their usual names, and how many instances to host.
 */
export type EmbeddedSettings = StageSettings &
  RouterSettings &
  UpstreamOwnSettings &
  InstanceCounts;

const instancesMax = 64;

const count = (env: string, stage: string) =>
  integer({ env, about: `${stage} instances`, fallback: 1, min: 1, max: instancesMax });

export const embeddedSettings: Schema<EmbeddedSettings> = {
  ...stageSettings,
  ...routerSettings,
  ...upstreamOwnSettings,
  upstreamUrl: text({
    env: 'ISOTHERM_UPSTREAM_URL',
    about: 'server of the engine upstream, http://host:port/v1',
    fallback: '',
  }),
  redisUrl: text({ env: 'REDIS_URL', about: 'not used: lanes are in memory', fallback: '' }),
  encoders: count('ISOTHERM_ENCODERS', 'encoder'),
  prefills: count('ISOTHERM_PREFILLS', 'prefill'),
  decodes: count('ISOTHERM_DECODES', 'decode'),
};
