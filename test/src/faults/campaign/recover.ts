import { laneName, redisFabric } from '@isotherm/lanes';
import { type InstanceId, instanceId } from '@isotherm/kernel';
import { instancesOf } from '@isotherm/stack';
import { routerStatus, untilIdle } from '../../harness/idle.ts';
import { until, within } from '../../harness/until.ts';
import { refill } from './inflict.ts';
import { heal, type Scene } from './scene.ts';

/** Longest time until all is well again once nothing is broken any more, in milliseconds. */
const readyMsMax = 15_000;
const idleMsMax = 8000;
const refillMsMax = 70_000;

/** Mends all that is still broken. Throws when the stack does not become whole. */
export const makeWhole = async (scene: Scene): Promise<void> => {
  const { deployment, redis } = scene;
  heal(deployment);
  redis.signal('SIGCONT');
  await redis.comeBack('kept');
  const empty = deployment.places.filter((place) => deployment.processOf(place) === undefined);
  await within(
    'new processes',
    refillMsMax,
    Promise.all(empty.map((place) => refill(scene, place))),
  );
  const gone = deployment.places.filter((place) => deployment.processOf(place) === undefined);
  if (gone.length > 0) {
    throw new Error(`Not started: ${gone.map(({ service }) => service).join(', ')}.`);
  }
  let missing: readonly string[] = [];
  await until(
    () => `every router has every instance ready; missing: ${missing.join(', ')}`,
    async () => {
      missing = await missingAtRouters(scene);
      return missing.length === 0;
    },
    readyMsMax,
  );
};

const missingAtRouters = async ({ deployment }: Scene): Promise<readonly string[]> => {
  const living = livingInstances({ deployment });
  const routers = deployment.places.filter(({ service }) => service === 'router');
  const missing = await Promise.all(
    routers.map(async ({ direct, index }) => {
      const status = await routerStatus(deployment, direct).catch(() => undefined);
      if (status === undefined) return [`router ${index}`];
      const ready = new Set(
        status.instances.filter((each) => each.ready).map(({ instanceId: id }) => id),
      );
      return living.filter(({ instance }) => !ready.has(instance)).map(({ instance }) => instance);
    }),
  );
  return missing.flat();
};

const livingInstances = ({ deployment }: Pick<Scene, 'deployment'>) =>
  deployment.places.flatMap((place) => {
    const process = deployment.processOf(place);
    return process === undefined ? [] : instancesOf(process);
  });

/** Throws unless requests, bookings, jobs, leases and lanes are zero everywhere within the bound. */
export const expectNothingHeld = async (scene: Scene): Promise<void> => {
  await untilIdle(scene.deployment, idleMsMax);
  const { prefix, redis } = scene;
  const fabric = await redisFabric({ url: redis.url, prefix, report: () => undefined });
  try {
    let waiting: readonly string[] = [];
    await until(
      () => `empty lanes; ${waiting.join(', ')}`,
      async () => {
        const depths = livingInstances(scene).map(async ({ stage, instance }) => {
          const lane = laneName(stageOf(stage), idOf(instance));
          const depth = await fabric.lanes.sender(lane).depth();
          return depth === 0 ? [] : [`${lane}: ${depth}`];
        });
        waiting = (await Promise.all(depths)).flat();
        return waiting.length === 0;
      },
      idleMsMax,
    );
  } finally {
    await fabric.close();
  }
};

const idOf = (id: string): InstanceId => instanceId(id);
const stages = ['encode', 'prefill', 'decode'] as const;
const stageOf = (name: string): (typeof stages)[number] => {
  const stage = stages.find((known) => known === name);
  if (stage === undefined) throw new Error(`There is no stage ${name}.`);
  return stage;
};
