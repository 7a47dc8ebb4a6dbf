import type { Stage } from '@isotherm/kernel';
import { boundedShare } from '../headroom/headroom.ts';
import { stageHeadroom } from '../headroom/stage-headroom.ts';
import type { PlaceGpu, PlaceSettings, PlaceTemperature } from './contract.ts';

/** Room that a GPU has left for the heat of a stage once it draws so much more, 0 to 1. */
export const gpuRoomShare = (
  gpu: PlaceGpu,
  addedW: number,
  stage: Stage | undefined,
  { coldC }: Pick<PlaceSettings, 'coldC'>,
): number => {
  const left = ({ peakC, riseKPerW, limitC }: PlaceTemperature): number =>
    boundedShare((limitC - peakC - riseKPerW * addedW) / Math.max(1, limitC - coldC));
  const shares = { powerShare: 1, coreShare: left(gpu.core), memoryShare: left(gpu.memory) };
  const binding = { level: 'gpu', id: '' } as const;
  return stageHeadroom({ ...shares, binding, conservative: false }, stage ?? 'whole');
};
