import type { RoomIndex } from '../topology/room-index.ts';
import type { FittedRoom } from './room-estimate.ts';

/** Nothing fitted: every server and GPU as its class and its place in the plan have it. */
export const classFit = ({ layout }: RoomIndex): FittedRoom => ({
  inletBiasK: (server) => layout.servers[server]?.plan.placeBiasK ?? 0,
  thermal: (gpu) => {
    const place = layout.gpus[gpu];
    if (place === undefined) throw new RangeError(`no GPU ${gpu}`);
    return place.thermal;
  },
});
