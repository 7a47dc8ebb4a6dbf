import { exampleLevel, exampleParent } from '../headroom/example-room.ts';
import type { LevelState } from '../headroom/level.ts';
import type { PlaceGpu, PlaceServer, PlaceTemperature } from './contract.ts';

/** A part of a GPU at 45 of 85 degrees, that rises by 10 K at 200 W. */
export const examplePart = (different: Partial<PlaceTemperature> = {}): PlaceTemperature => ({
  ...{ peakC: 45, limitC: 85, riseKPerW: 0.05 },
  ...different,
});

/** A free GPU, whose parts are both at so many degrees. */
export const exampleGpu = (index: number, coreC = 45, memoryC = coreC, free = true): PlaceGpu => ({
  ...{ index, free, core: examplePart({ peakC: coreC }), memory: examplePart({ peakC: memoryC }) },
});

/** A server of two free GPUs of 400 W. */
export const exampleServer = (
  id: string,
  gpus: readonly PlaceGpu[] = [exampleGpu(0), exampleGpu(1)],
): PlaceServer => ({ id, kind: 'class', gpuPeakW: 400, gpus });

/** Servers in racks of their own, all in one row, one UPS and one aisle, with what a test wants to be different. */
export const exampleLevels = (
  servers: readonly string[],
  different: Readonly<Record<string, Partial<LevelState>>> = {},
): readonly LevelState[] =>
  [
    ...servers.flatMap((id) => [
      exampleLevel('server', id, { parents: [exampleParent(`rack:k-${id}`)] }),
      exampleLevel('rack', `k-${id}`, { parents: [exampleParent('row:r')] }),
    ]),
    exampleLevel('row', 'r', { parents: ['ups:u', 'aisle:a'].map((key) => exampleParent(key)) }),
    ...[exampleLevel('ups', 'u'), exampleLevel('aisle', 'a')],
  ].map((state) => ({ ...state, ...different[`${state.level}:${state.id}`] }));
