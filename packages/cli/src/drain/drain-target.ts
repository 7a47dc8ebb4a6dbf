import type { RouterGetStatusResponse } from '@isotherm/proto';
import { CommandError } from '../exit-code.ts';

type Status = RouterGetStatusResponse;

/** Who is to be drained. */
export interface DrainTarget {
  readonly kind: 'instance' | 'router';
  readonly id: string;
  readonly address: string;
  /** What goes without an instance when this one has gone; undefined where others remain. */
  readonly lastOf: string | undefined;
}

/** Finds an instance or a router by its id. Throws a CommandError with the ids that there are. */
export const drainTarget = ({ instances, routers }: Status, id: string): DrainTarget => {
  const instance = instances.find(({ instanceId }) => instanceId === id);
  if (instance !== undefined) {
    const { stage, model, address } = instance;
    const others = instances.filter(
      (one) => one.ready && one.instanceId !== id && one.stage === stage && one.model === model,
    );
    const lastOf = others.length > 0 ? undefined : `${stage} of ${model}`;
    return { kind: 'instance', id, address, lastOf };
  }
  const router = routers.find(({ routerId }) => routerId === id);
  if (router !== undefined) {
    const others = routers.filter((one) => one.routerId !== id && one.state === 'serving');
    const lastOf = others.length > 0 ? undefined : 'router';
    return { kind: 'router', id, address: router.address, lastOf };
  }
  const known = [
    ...instances.map(({ instanceId }) => instanceId),
    ...routers.map(({ routerId }) => routerId),
  ];
  throw new CommandError(`There is no "${id}"; there are ${known.join(', ')}.`);
};

/** Refuses to take away what nobody could stand in for. */
export const refuseLast = ({ id, lastOf }: DrainTarget, force: boolean): void => {
  if (lastOf === undefined || force) return;
  throw new CommandError(
    `${id} is the last ready ${lastOf}: requests would wait for another, then fail. ` +
      'Start another first, or say --force.',
  );
};
