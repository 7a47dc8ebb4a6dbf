/** Service classes, the most urgent first. A request that names none is `standard`. */
export const sloClassNames = ['interactive', 'standard', 'batch'] as const;
export type SloClassName = (typeof sloClassNames)[number];

/** What a class promises, and what it may take to keep it. All times in milliseconds. */
export interface SloClass {
  /** Time to the first token that is aimed at, without what the prompt's length adds. */
  readonly ttftMs: number;
  /** What each token of prompt and media adds to it. */
  readonly ttftTokenMs: number;
  /** Time between tokens that is aimed at, as the mean of an answer. */
  readonly tokenMs: number;
  /** Longest wait for a place that may be expected; less than the target, or what is let in last would be late. */
  readonly waitMsMax: number;
  /**
   * Longest wait for a place. What was let in to wait and waits for longer than was expected is served late rather than
   * refused late, until an answer is worth nothing.
   */
  readonly giveUpMs: number;
  /** After this wait a request goes before others, within bounds: see `chooseNext`. */
  readonly promoteMs: number;
  /** Most of the fleet's places that the class may have, in (0, 1]. */
  readonly placesShareMax: number;
}

export type SloClasses = Readonly<Record<SloClassName, SloClass>>;

/** Lenient on purpose: whoever knows the model and its machines sets targets that mean something. */
export const defaultSloClasses: SloClasses = {
  interactive: {
    ...{ ttftMs: 2_000, ttftTokenMs: 1, tokenMs: 100 },
    ...{ waitMsMax: 1_600, giveUpMs: 2_000, promoteMs: 1_000, placesShareMax: 1 },
  },
  standard: {
    ...{ ttftMs: 30_000, ttftTokenMs: 2, tokenMs: 250 },
    ...{ waitMsMax: 24_000, giveUpMs: 60_000, promoteMs: 10_000, placesShareMax: 0.95 },
  },
  batch: {
    ...{ ttftMs: 600_000, ttftTokenMs: 10, tokenMs: 1_000 },
    ...{ waitMsMax: 480_000, giveUpMs: 3_600_000, promoteMs: 60_000, placesShareMax: 0.9 },
  },
};

/** What a request aims at: longer prompts are given longer. */
export const ttftTargetMs = (
  { ttftMs, ttftTokenMs }: Pick<SloClass, 'ttftMs' | 'ttftTokenMs'>,
  promptTokens: number,
): number => ttftMs + ttftTokenMs * promptTokens;
