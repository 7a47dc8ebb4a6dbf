import { Fault } from '@isotherm/kernel';
import type { DecodedToken, DecodeStart, Sampling } from '../contract.ts';
import { sampleToken } from '../sampling/sample-token.ts';
import type { Runner } from './choose-runner.ts';
import type { DecoderGraph } from './decoder-graph.ts';
import type { FloatData } from './float-data.ts';
import { createSlotCache } from './slot-cache.ts';

export interface DecodeBatch {
  join(sequence: string, start: DecodeStart): void;
  leave(sequence: string): void;
  step(): Promise<readonly DecodedToken[]>;
}

export interface DecodeBatchLimits {
  readonly slots: number;
  readonly contextMax: number;
  readonly endOfTextTokens: readonly number[];
}

/** A sequence in the batch; its index in the list is its row in the cache. */
interface Row {
  readonly sequence: string;
  readonly sampling: Sampling;
  token: number;
  tokenIndex: number;
  cachedTokens: number;
  remaining: number;
}

/** Granularity of the cache's capacity, in tokens: a copy of the cache every so many steps, and as much idle room. */
const blockTokens = 32;

/**
 * The running batch. Occupied slots are kept together: when one is freed, the last row moves into its place, so that a
 * step costs what its sequences cost and not what the slots would.
 */
export const createDecodeBatch = (
  graph: DecoderGraph,
  runner: Runner,
  limits: DecodeBatchLimits,
): DecodeBatch => {
  const cache = createSlotCache({
    layout: graph.layout,
    type: graph.kvType,
    slots: limits.slots,
    blockTokens,
  });
  const run = runner.create(graph, cache);
  const rows: Row[] = [];

  const lengths = (): readonly number[] => rows.map((row) => row.cachedTokens);
  const remove = (index: number): void => {
    const last = rows.pop();
    if (last === undefined || index === rows.length) return;
    cache.move(rows.length, index, last.cachedTokens);
    rows[index] = last;
  };
  const advance = (row: Row, logits: Float32Array): DecodedToken => {
    row.cachedTokens += 1;
    row.tokenIndex += 1;
    row.remaining -= 1;
    row.token = sampleToken(logits, row.sampling, row.tokenIndex);
    const finish = limits.endOfTextTokens.includes(row.token)
      ? 'endOfText'
      : row.remaining === 0
        ? 'length'
        : undefined;
    return { sequence: row.sequence, token: row.token, tokenIndex: row.tokenIndex, finish };
  };

  return {
    join: (sequence, start) => {
      if (rows.some((row) => row.sequence === sequence)) {
        throw new Fault('invalid_argument', `Sequence ${sequence} is already in the batch.`);
      }
      if (rows.length >= limits.slots) {
        throw new Fault('saturated', `All ${limits.slots} decode slots are taken.`);
      }
      const { tensors, tokens } = checkedCache(graph, start, limits.contextMax);
      cache.reserve(Math.max(tokens, ...lengths()) + 1, lengths());
      cache.put(rows.length, tensors, tokens);
      const { sampling, token, tokenIndex, tokensMax: remaining } = start;
      rows.push({ sequence, sampling, token, tokenIndex, cachedTokens: tokens, remaining });
    },
    leave: (sequence) => {
      const index = rows.findIndex((row) => row.sequence === sequence);
      if (index >= 0) remove(index);
    },
    step: async () => {
      if (rows.length === 0) return [];
      cache.reserve(Math.max(...lengths()) + 1, lengths());
      const logits = await run(rows);
      const tokens = rows.map((row, index) => advance(row, logits[index] ?? new Float32Array(0)));
      for (let index = tokens.length - 1; index >= 0; index--) {
        if (tokens[index]?.finish !== undefined) remove(index);
      }
      return tokens;
    },
  };
};

/** The tensors of a joining sequence in the graph's order. Faults: `invalid_argument` when they do not fit the graph. */
const checkedCache = (
  graph: DecoderGraph,
  { kvCache, token, tokensMax }: DecodeStart,
  contextMax: number,
): { readonly tensors: readonly FloatData[]; readonly tokens: number } => {
  const { kvHeads, headSize } = graph.layout;
  const tokens = kvCache[0]?.shape[1] ?? 0;
  const tensors = graph.kvNames.map((name): FloatData => {
    const tensor = kvCache.find((each) => each.name === name);
    const fits =
      tensor?.dataType === graph.kvType &&
      tensor.shape.length === 3 &&
      tensor.shape[0] === kvHeads &&
      tensor.shape[1] === tokens &&
      tensor.shape[2] === headSize &&
      tensor.data.length === kvHeads * tokens * headSize;
    if (!fits) {
      throw new Fault(
        'invalid_argument',
        `The KV cache needs ${name} as ${graph.kvType} [${kvHeads}, ${tokens}, ${headSize}]; ` +
          `it has ${tensor === undefined ? 'none' : `${tensor.dataType} [${tensor.shape.join(', ')}]`}.`,
      );
    }
    return tensor.data as FloatData;
  });
  if (token < 0 || token >= graph.vocabularySize) {
    throw new Fault(
      'invalid_argument',
      `Token ${token} is outside of the vocabulary of ${graph.vocabularySize}.`,
    );
  }
  if (tokensMax < 1) {
    throw new Fault('invalid_argument', `tokensMax is ${tokensMax}; it must be at least 1.`);
  }
  if (tokens + 1 + tokensMax > contextMax) {
    throw new Fault(
      'context_length_exceeded',
      `The sequence needs a context of ${tokens + 1 + tokensMax} tokens; a slot has ${contextMax}.`,
    );
  }
  return { tensors, tokens };
};
