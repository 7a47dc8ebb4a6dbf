import { invariant } from '@isotherm/kernel';

/** Places of `wanted` frames, evenly over a clip of `frames` with the first and the last; short clips repeat frames. */
export const sampledFrames = (frames: number, wanted: number): readonly number[] =>
  sampledByTime(Array<number>(frames).fill(1), wanted);

/**
 * Places of the frames that are shown at `wanted` instants, evenly spaced over a clip whose frames are shown for
 * `delays` (whole numbers of any unit, not all 0). The first and the last instant lie half of the shortest delay inside
 * of the clip: so frames of one length are sampled by their count, and a clip whose encoder made one frame of several
 * that are alike is sampled as if it had not.
 */
export const sampledByTime = (delays: readonly number[], wanted: number): readonly number[] => {
  const total = delays.reduce((sum, delay) => sum + delay, 0);
  invariant(total > 0, 'a clip lasts for some time');
  const shortest = delays.reduce((least, each) => (each > 0 && each < least ? each : least), total);
  // In units of a delay's unit over 2 (wanted - 1), in which all instants are whole numbers.
  const steps = Math.max(1, wanted - 1);
  const places: number[] = [];
  let place = 0;
  let end = delays[0] ?? 0;
  for (let index = 0; index < wanted; index++) {
    const instant = 2 * index * (total - shortest) + shortest * steps;
    while (2 * steps * end <= instant) end += delays[(place += 1)] ?? total;
    places.push(place);
  }
  return places;
};
