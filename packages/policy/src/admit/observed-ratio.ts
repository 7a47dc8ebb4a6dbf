/** What times turned out to be, against what was expected of them: the last few, the oldest first. */
export type ObservedRatios = readonly ObservedRatio[];

export interface ObservedRatio {
  readonly atMs: number;
  readonly ratio: number;
}

export const noRatios: ObservedRatios = [];

/** Bounds of what is remembered: a busy gate forgets by number, a quiet one by time. */
const ratiosMax = 64;
const rememberedMs = 30_000;
/** Fewer say nothing. */
const ratiosMin = 8;
/** No expectation is stretched or shortened by more. */
const ratioMax = 8;
/** Differences of less than about this are nobody's fault, in milliseconds. */
const slackMs = 10;

/** Observed ÷ expected, within bounds. */
export const ratioOf = (observedMs: number, expectedMs: number): number =>
  Math.min(ratioMax, Math.max(1 / ratioMax, (observedMs + slackMs) / (expectedMs + slackMs)));

export const observeRatio = (
  ratios: ObservedRatios,
  { observedMs, expectedMs }: { readonly observedMs: number; readonly expectedMs: number },
  nowMs: number,
): ObservedRatios => [
  ...ratios.slice(1 - ratiosMax),
  { atMs: nowMs, ratio: ratioOf(observedMs, expectedMs) },
];

/**
 * What an expectation is to be multiplied by so that it held for this part of what was seen of late: half of them for the
 * median, which a few that were lucky or struck do not move; more of them to be rather sure. 1 where too little was seen.
 */
export const ratioNow = (ratios: ObservedRatios, nowMs: number, part: number): number => {
  const recent = ratios
    .filter(({ atMs }) => nowMs - atMs <= rememberedMs)
    .map(({ ratio }) => ratio)
    .toSorted((one, other) => one - other);
  return recent.length < ratiosMin ? 1 : (recent[Math.floor(recent.length * part)] ?? ratioMax);
};

/** Work whose way to the first token is alike: with media or without, and of about one size (in steps of eight). */
export const kindOfWork = (demand: {
  readonly encodeJobs: number;
  readonly prefillTokens: number;
}): string => {
  const size = Math.floor(Math.log2(Math.max(1, demand.prefillTokens)) / 3);
  return `${demand.encodeJobs === 0 ? 'text' : 'media'} ${size}`;
};
