/**
 * Counter-based pseudo-random numbers: the value is a pure function of (seed, counter), so a stream can be
 * resumed at any position on any machine. Token sampling depends on this: a migrated request draws the
 * same number for the same token position.
 *
 * Mixing is the finaliser of MurmurHash3 (32 bits) applied to both words in turn.
 */
export const uniformAt = (seed: number, counter: number): number => {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.floor(seed / 2 ** 32);
  h = mix(h ^ mix(counter + 0x7f4a7c15));
  const high = mix(h) >>> 5;
  const low = mix(h ^ 0x27d4eb2f) >>> 6;
  return (high * 67108864 + low) / 9007199254740992;
};

const mix = (word: number): number => {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/** A stream of uniform numbers in [0, 1). */
export type Random = () => number;

/** A stream that replays from its seed. */
export const seededRandom = (seed: number): Random => {
  let counter = 0;
  return () => uniformAt(seed, counter++);
};
