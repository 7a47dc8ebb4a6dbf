import type { GpuDemand } from '../predict/gpu-power.ts';
import type { GpuId } from '../topology/place.ts';
import type { RoomState } from './room-state.ts';

/** Decode at full clock and 60 % use: what the tests of a room ask for, with changes. */
export const exampleDemand = (changes: Partial<GpuDemand> = {}): GpuDemand => ({
  ...{ stage: 'decode', utilisation: 0.6, batch: 64, precision: 'bf16', clockShare: 1 },
  ...changes,
});

/** The same for every GPU of a room. */
export const everywhere = (
  state: RoomState,
  changes: Partial<GpuDemand> = {},
): ReadonlyMap<GpuId, GpuDemand> =>
  new Map(state.layout.gpus.map(({ id }) => [id, exampleDemand(changes)]));
