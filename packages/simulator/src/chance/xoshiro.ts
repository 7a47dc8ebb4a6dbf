import type { Random } from '@isotherm/kernel';

/**
 * xoshiro128** 1.1 by Blackman and Vigna (public domain, prng.di.unimi.it/xoshiro128starstar.c): 32-bit integers alone,
 * so every machine draws the same. Period 2^128 − 1. Returns its words as they come.
 */
export const xoshiro128 = (state: readonly [number, number, number, number]): (() => number) => {
  let [a, b, c, d] = state;
  return () => {
    const scrambled = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11);
    return scrambled;
  };
};

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/**
 * A stream of uniform numbers in [0, 1) with 53 bits each. Streams of other purposes are other streams, so that one more draw
 * for one purpose leaves all others as they were: what two arms of an experiment have in common stays in common.
 */
export const randomStream = (seed: number, purpose: string): Random => {
  const mixed = splitMix(hashOf(`${seed}/${purpose}`));
  const next = xoshiro128([mixed(), mixed(), mixed(), mixed() | 1]);
  return () => ((next() >>> 5) * 67_108_864 + (next() >>> 6)) / 9_007_199_254_740_992;
};

/** FNV-1a over UTF-16 units: seeds a stream, no more. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash | 0;
};

/** A Weyl sequence through the finaliser of MurmurHash3: the words that a state begins with. */
const splitMix = (seed: number): (() => number) => {
  let counter = seed | 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let word = counter ^ (counter >>> 16);
    word = Math.imul(word, 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) | 0;
  };
};
