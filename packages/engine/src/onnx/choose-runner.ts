import { invariant, type Random, seededRandom } from '@isotherm/kernel';
import type { BatchMemory, BatchRunner, RowState } from './batch-runner.ts';
import { createCrossCache } from './cross-cache.ts';
import type { DecoderGraph } from './decoder-graph.ts';
import type { KvLayout } from '../model-folder/kv-layout.ts';
import { equalLengthRunner } from './equal-length-runner.ts';
import { emptyFloats, type FloatData, type FloatType } from './float-data.ts';
import { floatToHalf } from './half-float.ts';
import { inPlaceRunner } from './in-place-runner.ts';
import { maskedRunner } from './masked-runner.ts';
import type { RunnerKind } from './runner-kind.ts';
import { createSlotCache } from './slot-cache.ts';
import { batchTokens, roomTokens } from './slot-layout.ts';

export interface Runner {
  readonly kind: RunnerKind;
  readonly create: (memory: BatchMemory) => BatchRunner;
}

export const runners: Readonly<Record<RunnerKind, Runner>> = {
  inPlace: { kind: 'inPlace', create: inPlaceRunner },
  masked: { kind: 'masked', create: maskedRunner },
  equalLength: { kind: 'equalLength', create: equalLengthRunner },
};

/** The memory of a batch: room for `kvTokensMax` tokens, counted over all sequences. */
export const createMemory = (
  graph: DecoderGraph,
  { slots, kvTokensMax }: { readonly slots: number; readonly kvTokensMax: number },
): BatchMemory => ({
  graph,
  cache: createSlotCache({
    type: graph.kvType,
    tensors: graph.kvNames.length,
    kvHeads: graph.layout.kvHeads,
    headSize: graph.layout.headSize,
    roomOf: roomTokens,
    tokens: kvTokensMax,
    tokensMax: kvTokensMax,
  }),
  cross: graph.cross === undefined ? undefined : createCrossCache(graph.cross, graph.kvType, slots),
});

/**
 * The fastest way of running a batch that gives a row what it gets alone. What a graph does with gaps in its past cannot
 * be read off its inputs, so the fast ways are tried on two rows of different length, against rows of equal length,
 * which no graph can get wrong.
 */
export const chooseRunner = async (graph: DecoderGraph): Promise<Runner> => {
  const expected = await probe(graph, runners.equalLength, unequal);
  const fast = graph.grouped ? runners.inPlace : runners.masked;
  const logits = await probe(graph, fast, unequal).catch(() => undefined);
  if (logits === undefined) return runners.equalLength;
  const allowed = allowedDifference(await roundingOf(graph));
  return differenceOf(logits, expected) <= allowed ? fast : runners.equalLength;
};

interface ProbeRow {
  readonly tokens: number;
  readonly seed: number;
}

const unequal: readonly ProbeRow[] = [
  { tokens: 9, seed: 0 },
  { tokens: 4, seed: 1 },
];
const equal: readonly ProbeRow[] = [
  { tokens: 9, seed: 0 },
  { tokens: 9, seed: 1 },
];

/** What a row's neighbour alone changes: nothing, but for quantised graphs, which round by the whole batch's range. */
const roundingOf = async (graph: DecoderGraph): Promise<number> => {
  const together = await probe(graph, runners.equalLength, equal);
  const alone: Float32Array[] = [];
  for (const row of equal) alone.push(...(await probe(graph, runners.equalLength, [row])));
  return differenceOf(together, alone);
};

/** Differences that are sure to be an error, and ones that are sure to be none, as shares of the logits' variance. */
const differenceSure = 0.2;
const differenceNone = 0.01;
/** One pair of rows says only roughly how much rounding does. */
const roundingFactor = 4;

/** How much two ways of running a batch may differ, given what rounding alone does. */
export const allowedDifference = (rounding: number): number =>
  Math.min(differenceSure, Math.max(differenceNone, roundingFactor * rounding));

/** Two steps: the second one sees what the first one has written to the cache. */
const probe = async (
  graph: DecoderGraph,
  runner: Runner,
  rows: readonly ProbeRow[],
): Promise<readonly Float32Array[]> => {
  const kvTokensMax = batchTokens(rows.map(({ tokens }) => tokens + 2));
  const memory = createMemory(graph, { slots: rows.length, kvTokensMax });
  rows.forEach(({ tokens, seed }, row) => {
    const { layout, kvNames, kvType, cross } = graph;
    const random = seededRandom(seed);
    memory.cache.put(row, randomTensors(layout, kvNames.length, kvType, tokens, random), tokens);
    if (cross === undefined) return;
    const media = 3 - seed;
    const states = randomTensors(cross.layout, cross.names.length, kvType, media, random);
    memory.cross?.put(row, states, media);
  });
  const run = runner.create(memory);
  const state = (step: number): readonly RowState[] =>
    rows.map(({ tokens, seed }) => ({ token: seed + step, cachedTokens: tokens + step }));
  await run(state(0));
  return (await run(state(1))).map((row) => row.slice());
};

const randomTensors = (
  { kvHeads, headSize }: KvLayout,
  count: number,
  type: FloatType,
  tokens: number,
  random: Random,
): readonly FloatData[] =>
  Array.from({ length: count }, () => {
    const floats = emptyFloats('float32', kvHeads * tokens * headSize).map(() => 2 * random() - 1);
    invariant(floats instanceof Float32Array, 'emptyFloats gives the type asked for');
    return type === 'float32' ? floats : floatToHalf(floats);
  });

/** The largest squared difference of a row's logits, as a share of their variance. */
const differenceOf = (given: readonly Float32Array[], expected: readonly Float32Array[]): number =>
  Math.max(
    ...expected.map((row, index) => {
      const logits = given[index] ?? new Float32Array(0);
      const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
      let difference = 0;
      let variance = 0;
      row.forEach((value, at) => {
        difference += ((logits[at] ?? Number.NaN) - value) ** 2;
        variance += (value - mean) ** 2;
      });
      return difference === 0 ? 0 : difference / variance;
    }),
  );
