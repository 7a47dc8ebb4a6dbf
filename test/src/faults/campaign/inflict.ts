import { setTimeout as delay } from 'node:timers/promises';
import type { Place } from '../link/linked-deployment.ts';
import type { Breakage, PlannedFault } from './plan.ts';
import type { Scene } from './scene.ts';

/** Breaks something at its time and mends it when it has lasted. */
export const inflict = async (
  scene: Scene,
  { atMs, forMs, fault }: PlannedFault,
): Promise<void> => {
  await delay(atMs);
  const mend = await breakIt(scene, fault);
  await delay(forMs);
  await mend();
};

const breakIt = async (scene: Scene, fault: Breakage): Promise<() => unknown> => {
  const { deployment, redis } = scene;
  switch (fault.kind) {
    case 'kill': {
      const place = scene.place(fault.at);
      const victim = deployment.processOf(place);
      victim?.kill('SIGKILL');
      await victim?.exited;
      return () => refill(scene, place);
    }
    case 'freeze': {
      const victim = deployment.processOf(scene.place(fault.at));
      victim?.kill('SIGSTOP');
      return () => victim?.kill('SIGCONT');
    }
    case 'peer-link': {
      const { link } = scene.place(fault.at);
      link.apply(fault.link);
      return () => link.apply(undefined);
    }
    case 'redis-link': {
      const { redisLink } = scene.place(fault.at);
      redisLink.apply(fault.link);
      return () => redisLink.apply(undefined);
    }
    case 'redis-freeze':
      redis.signal('SIGSTOP');
      return () => redis.signal('SIGCONT');
    case 'redis-restart':
      await redis.die();
      return () => redis.comeBack(fault.data);
    default:
      return fault satisfies never;
  }
};

/** Starts somebody in a place that is empty. What else is broken now may prevent it: the end of the run tries again. */
export const refill = async ({ deployment }: Scene, place: Place): Promise<void> => {
  if (deployment.processOf(place) !== undefined) return;
  await deployment.stack.add(place.service).catch(() => undefined);
};
