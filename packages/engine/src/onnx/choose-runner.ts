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
  const expected = await probe(graph, runners.equalLength);
  const fast = graph.grouped ? runners.inPlace : runners.masked;
  const logits = await probe(graph, fast).catch(() => undefined);
  const right = logits?.every((row, index) => isClose(row, expected[index] ?? new Float32Array(0)));
  return right === true ? fast : runners.equalLength;
};

/** Two steps: the second one sees what the first one has written to the cache. */
const probe = async (graph: DecoderGraph, runner: Runner): Promise<readonly Float32Array[]> => {
  const lengths = [9, 4];
  const kvTokensMax = batchTokens(lengths.map((tokens) => tokens + 2));
  const memory = createMemory(graph, { slots: lengths.length, kvTokensMax });
  lengths.forEach((tokens, row) => {
    const { layout, kvNames, kvType, cross } = graph;
    const random = seededRandom(row);
    memory.cache.put(row, randomTensors(layout, kvNames.length, kvType, tokens, random), tokens);
    if (cross === undefined) return;
    const media = 3 - row;
    const states = randomTensors(cross.layout, cross.names.length, kvType, media, random);
    memory.cross?.put(row, states, media);
  });
  const run = runner.create(memory);
  const state = (step: number): readonly RowState[] =>
    lengths.map((tokens, row) => ({ token: row + step, cachedTokens: tokens + step }));
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

/** Share of the logits' variance that rounding may explain: quantised graphs round by the whole batch's range. */
const differenceMax = 0.01;

const isClose = (logits: Float32Array, expected: Float32Array): boolean => {
  const mean = expected.reduce((sum, value) => sum + value, 0) / expected.length;
  let difference = 0;
  let variance = 0;
  expected.forEach((value, index) => {
    difference += ((logits[index] ?? Number.NaN) - value) ** 2;
    variance += (value - mean) ** 2;
  });
  return difference <= differenceMax * variance;
};
