import { profileEngine, quickToNotice } from '../../harness/deployment.ts';
import {
  deployLinked,
  type LinkedDeployment,
  linkedServices,
  type Place,
} from '../link/linked-deployment.ts';
import { type Engine, type PlaceName, placesOfEach } from './plan.ts';
import { type RestartableRedis, startRestartableRedis } from './restartable-redis.ts';

/** What a run breaks: two of each service over a Redis, with a fault proxy in every link. */
export interface Scene {
  readonly engine: Engine;
  /** Of its keys in Redis. */
  readonly prefix: string;
  readonly redis: RestartableRedis;
  readonly deployment: LinkedDeployment;
  place(name: PlaceName): Place;
  close(): Promise<void>;
}

/** Fifteen embeddings of the profile engine: caches that fill, and let go of what is not under lease. */
const embeddingCacheBytesMax = 15 * 36 * 128 * 4;

const settingsOf = (engine: Engine): Readonly<Record<string, string>> => {
  if (engine === 'panel') return quickToNotice;
  return {
    ...quickToNotice,
    ISOTHERM_EMBEDDING_CACHE_BYTES_MAX: String(embeddingCacheBytesMax),
    ...profileEngine({
      encodeBatchMs: 20,
      encodeMediumMs: 10,
      batchMax: 4,
      prefillPromptMs: 10,
      decodeStepMs: 10,
    }),
  };
};

export const openScene = async (engine: Engine): Promise<Scene> => {
  const redis = await startRestartableRedis();
  const prefix = `isotherm-faults-${engine}`;
  const shape = Object.fromEntries(linkedServices.map((service) => [service, placesOfEach]));
  const deployment = await deployLinked({
    redisUrl: redis.url,
    shape: { router: 0, encoder: 0, prefill: 0, decode: 0, ...shape },
    settings: { ...settingsOf(engine), ISOTHERM_PREFIX: prefix },
  }).catch(async (error: unknown) => {
    await redis.close();
    throw error;
  });
  return {
    engine,
    prefix,
    redis,
    deployment,
    place: ({ service, index }) => {
      const found = deployment.places.find(
        (place) => place.service === service && place.index === index,
      );
      if (found === undefined) throw new Error(`There is no place ${service} ${index}.`);
      return found;
    },
    close: async () => {
      heal(deployment);
      redis.signal('SIGCONT');
      await deployment.close();
      await redis.close();
    },
  };
};

/** Every link is well again, and nobody is frozen. */
export const heal = (deployment: LinkedDeployment): void => {
  for (const place of deployment.places) {
    place.link.apply(undefined);
    place.redisLink.apply(undefined);
    deployment.processOf(place)?.kill('SIGCONT');
  }
};
