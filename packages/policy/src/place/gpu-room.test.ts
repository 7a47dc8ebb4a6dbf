import { describe, expect, it } from '@jest/globals';
import { exampleGpu } from './example-placement.ts';
import { gpuRoomShare } from './gpu-room.ts';

describe('the room of a GPU', () => {
  // 85 degrees at most and 25 when cold: 60 K in all; 200 W are 10 K.
  it.each([
    ['is all of it when cold', 25, 25, 0, 'decode', 1],
    ['is less with what is added', 25, 25, 600, 'decode', 0.5],
    ['is nothing past the limit', 80, 25, 200, 'prefill', 0],
    ['counts the part that the stage heats', 25, 55, 0, 'decode', 0.5],
    ['counts the other half as much', 25, 70, 0, 'prefill', 0.5],
    ['counts all of an unknown stage', 25, 70, 0, undefined, 0.25],
  ] as const)('%s', (_, coreC, memoryC, addedW, stage, expected) => {
    const gpu = exampleGpu(0, coreC, memoryC);
    expect(gpuRoomShare(gpu, addedW, stage, { coldC: 25 })).toBeCloseTo(expected, 9);
  });
});
