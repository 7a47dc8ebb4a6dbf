import type { SourcedPoint } from '@isotherm/kernel';
import type {
  DecodeEngine,
  EncodeEngine,
  FileMedium,
  PrefillEngine,
  PrefillInput,
  Tensor,
} from '../contract.ts';
import { type EnergyMeter, quantile, type RunBounds, timedRuns } from './timed-runs.ts';

/** How to measure, whatever the stage. */
export interface Measuring extends RunBounds {
  readonly energy: EnergyMeter;
  readonly signal: AbortSignal;
  /** Told of each point as it is there, with what it is the median of. */
  readonly onPoint: (point: SourcedPoint, tookMs: readonly number[]) => void;
}

const sampling = { temperature: 0, topP: 1, seed: 0 };

/** Median times of batches of pictures; `pictures` has, for each size, as many different ones as the largest batch. */
export const measureEncode = async (
  engine: EncodeEngine,
  pictures: readonly (readonly FileMedium[])[],
  batches: readonly number[],
  how: Measuring,
): Promise<readonly SourcedPoint[]> =>
  inTurn(batches, pictures, async (batch, ofSize) => {
    const media = ofSize.slice(0, batch);
    const runs = await timedRuns(() => engine.encode(media, how.signal), how, how.energy);
    return pointOf({ batch, tokens: media[0]?.tokens ?? 0 }, runs, how);
  });

/** Prompts of so many tokens, one at a time: `tokenAt` gives the token at each place. */
export const measurePrefill = async (
  engine: PrefillEngine,
  sizes: readonly number[],
  tokenAt: (index: number) => number,
  how: Measuring,
): Promise<readonly SourcedPoint[]> =>
  inTurn([1], sizes, async (batch, tokens) => {
    const input = promptOf(tokens, tokenAt);
    const runs = await timedRuns(() => engine.prefill(input, how.signal), how, how.energy);
    return pointOf({ batch, tokens }, runs, how);
  });

export const promptOf = (tokens: number, tokenAt: (index: number) => number): PrefillInput => ({
  tokenIds: Int32Array.from({ length: tokens }, (_, index) => tokenAt(index)),
  ...{ embeddings: [], sampling, tokenIndex: 0 },
});

/** Keys and values of a prompt, of which each sequence of a batch begins. */
export interface DecodeContext {
  readonly tokens: number;
  readonly kvCache: readonly Tensor[];
  /** The token that comes next. */
  readonly token: number;
}

/** Steps of a batch that is kept full: sequences that end are put back between two steps. */
export const measureDecode = async (
  engine: DecodeEngine,
  contexts: readonly DecodeContext[],
  batches: readonly number[],
  how: Measuring,
): Promise<readonly SourcedPoint[]> =>
  inTurn(batches, contexts, async (batch, context) => {
    const members = Array.from({ length: batch }, (_, index) => String(index));
    // Sequences start anew before they have grown by much; the point is of their mean length.
    const stepsMax = Math.max(1, Math.min(growthMax, Math.floor(context.tokens / growthParts)));
    const tokensMax = Math.min(stepsMax, engine.contextMax - context.tokens - 1);
    const join = (id: string): Promise<void> =>
      engine.join(id, { ...context, tokenIndex: 0, tokensMax, sampling: drawn(id) });
    await Promise.all(members.map(join));
    const tookMs: number[] = [];
    const step = async (): Promise<void> => {
      const since = performance.now();
      const made = await engine.step(true);
      tookMs.push(performance.now() - since);
      const ended = made.filter(({ finish }) => finish !== undefined);
      await Promise.all(ended.map(({ sequence }) => join(sequence)));
    };
    const runs = await timedRuns(step, how, how.energy);
    await Promise.all(members.map((id) => engine.leave(id)));
    const timed = tookMs.slice(-runs.tookMs.length);
    const tokens = context.tokens + Math.round(tokensMax / 2);
    return pointOf({ batch, tokens }, { ...runs, tookMs: timed }, how);
  });

/** A sequence grows by so many tokens before it starts anew, or by one in so many parts of its context. */
const growthMax = 16;
const growthParts = 4;
/** Drawn tokens, so that answers do not all end alike. */
const drawn = (id: string) => ({ temperature: 3, topP: 1, seed: Number(id) });

const inTurn = async <Size>(
  batches: readonly number[],
  sizes: readonly Size[],
  measure: (batch: number, size: Size) => Promise<SourcedPoint>,
): Promise<readonly SourcedPoint[]> => {
  const points: SourcedPoint[] = [];
  for (const size of sizes) for (const batch of batches) points.push(await measure(batch, size));
  return points;
};

const pointOf = (
  at: { readonly batch: number; readonly tokens: number },
  { tookMs, powerW }: { readonly tookMs: readonly number[]; readonly powerW: number | undefined },
  how: Measuring,
): SourcedPoint => {
  const latencyMs = quantile(tookMs, 0.5);
  const point = { ...at, latencyMs, ...(powerW === undefined ? {} : { powerW }) };
  how.onPoint(point, tookMs);
  return point;
};
