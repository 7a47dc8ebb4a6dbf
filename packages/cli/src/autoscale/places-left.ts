import type { PlanResponse } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';
import { stageOf } from '@isotherm/stack';
import type { PoolPlan } from './pool.ts';

const callMsMax = 5000;
/** The service plans so many at once. */
const countMax = 256;

/**
 * More instances of a pool that the thermal service would place, each at full load, one after the other: a place is where no
 * limit of power, air or temperature is met at the predicted peak. Asking changes nothing. Undefined where there is no such
 * service, or it does not answer.
 */
export const placesLeft = async (
  peers: Peers,
  thermal: string,
  { service }: PoolPlan,
  { gpusEach, replicasMax }: { readonly gpusEach: number; readonly replicasMax: number },
): Promise<number | undefined> => {
  if (thermal === '') return undefined;
  // As a start asks for its own place, so that what is promised here is there then.
  const place = { stage: stageOf[service], gpus: gpusEach, count: Math.min(countMax, replicasMax) };
  try {
    const deadline = Date.now() + callMsMax;
    const { places } = await callUnary<PlanResponse>((callback) =>
      peers.thermal(thermal).plan({ place, apply: false }, { deadline }, callback),
    );
    return places.filter((each) => each !== '').length;
  } catch {
    return undefined;
  }
};
