import type { InstanceView, RouteRequest, Scorer } from '../contract.ts';

/** A scorer that judges each instance by itself. */
export const eachScorer = (
  name: string,
  each: (instance: InstanceView, request: RouteRequest) => number,
): Scorer => ({
  ...{ name, each },
  score: (instances, request) => instances.map((instance) => each(instance, request)),
});
