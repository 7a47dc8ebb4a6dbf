/** Places of `wanted` frames, evenly over a clip of `frames` with the first and the last; short clips repeat frames. */
export const sampledFrames = (frames: number, wanted: number): readonly number[] =>
  Array.from({ length: wanted }, (_, index) =>
    wanted === 1 ? 0 : Math.round((index * (frames - 1)) / (wanted - 1)),
  );
