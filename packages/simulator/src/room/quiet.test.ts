import { describe, expect, it } from '@jest/globals';
import { createRoom, exampleRoom, type GpuDemand, type GpuId, gpuId } from '@isotherm/plant';
import { isQuiet } from './quiet.ts';

const plan = exampleRoom({
  ...{ aisles: 1, rowsPerAisle: 1, racksPerRow: 1, serversPerRack: 2, opaqueEvery: 0 },
  ...{ powerOversubscription: 1.4, airOversubscription: 1 },
});
const busy: GpuDemand = {
  ...{ stage: 'prefill', utilisation: 1, batch: 8, precision: 'bf16', clockShare: 1 },
};

const quietAt = (utilisation: number): boolean => {
  const room = createRoom(plan);
  const demand = new Map<GpuId, GpuDemand>();
  for (const { plan: server } of room.state.layout.servers) {
    for (let gpu = 0; gpu < 8; gpu += 1)
      demand.set(gpuId(server.id, gpu), { ...busy, utilisation });
  }
  for (let step = 0; step < 4; step += 1) {
    room.step({ dtS: 1, outsideC: 20, demand, disturbances: [] });
  }
  return isQuiet(room.state);
};

describe('a room in which nothing is near a limit', () => {
  it('is one that idles, and not one whose row is nearly full', () => {
    expect([quietAt(0), quietAt(0.2), quietAt(0.6), quietAt(1)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
