import { conservativeHeadroom, type Headroom } from './headroom.ts';

/** How long headroom is believed that nobody has said anew. */
export interface HeadroomAging {
  /** Said so long ago, it still holds as it is, in milliseconds. */
  readonly headroomFreshMs: number;
  /** Said longer ago than this, it is forgotten, in milliseconds. */
  readonly headroomForgetMs: number;
  /** What is assumed of each share once it is not fresh. */
  readonly headroomConservativeShare: number;
}

export const headroomAgingDefaults: HeadroomAging = {
  ...{ headroomFreshMs: 3000, headroomForgetMs: 60_000, headroomConservativeShare: 0.25 },
};

/**
 * Headroom that was said so long ago. Past its bound it is the smaller of what was said and of a conservative share: what
 * was hot is still kept off, and what was cool is not trusted to be. Much later nothing of it is known any more.
 */
export const agedHeadroom = (
  headroom: Headroom,
  ageMs: number,
  { headroomFreshMs, headroomForgetMs, headroomConservativeShare: share }: HeadroomAging,
): Headroom => {
  if (ageMs <= headroomFreshMs) return headroom;
  if (!(ageMs <= headroomForgetMs)) return conservativeHeadroom(share);
  return {
    powerShare: Math.min(headroom.powerShare, share),
    coreShare: Math.min(headroom.coreShare, share),
    memoryShare: Math.min(headroom.memoryShare, share),
    ...{ binding: headroom.binding, conservative: true },
  };
};
