import { Fault } from '@isotherm/kernel';
import type { PlanResponse } from '@isotherm/proto';
import { callUnary, createPeers } from '@isotherm/rpc';

export interface PlacesOptions {
  /** GPUs that each instance takes. */
  readonly gpusEach: number;
  log(line: string): void;
}

const planMsMax = 5000;

/**
 * Where instances of these stages are to run, as `ISOTHERM_PLACE` spells it: asked of the thermal service at the address,
 * which holds the places for them. Empty where there is no such service; an instance for which there is no room, or a
 * service that does not answer, leaves it without a place: it works, and nobody knows its heat.
 */
export const placesFor = async (
  stages: readonly string[],
  thermal: string,
  { gpusEach, log }: PlacesOptions,
): Promise<string> => {
  if (thermal === '' || stages.length === 0) return '';
  const peers = createPeers();
  const placeOne = async (stage: string): Promise<string> => {
    const deadline = Date.now() + planMsMax;
    const { places, notes } = await callUnary<PlanResponse>((callback) =>
      peers
        .thermal(thermal)
        .plan({ place: { stage, gpus: gpusEach }, apply: true }, { deadline }, callback),
    );
    const [place = ''] = places;
    if (place === '') log(`no place for ${stage}: ${notes[0]?.text ?? 'no reason was given'}`);
    return place;
  };
  try {
    const places: string[] = [];
    // One after the other: each sees where the ones before it will be.
    for (const stage of stages) places.push(await placeOne(stage));
    return places.join(';').replace(/^;*$/, '');
  } catch (thrown) {
    log(Fault.from(thrown).message);
    return '';
  } finally {
    peers.close();
  }
};
