import { Fault } from '@isotherm/kernel';
import type { DecodedToken, DecodeStart, Tensor } from '../contract.ts';
import type { KvLayout } from '../model-folder/kv-layout.ts';
import type { TokenChooser } from '../sampling/token-chooser.ts';
import { createMemory, type Runner } from './choose-runner.ts';
import type { DecoderGraph } from './decoder-graph.ts';
import { asFloatType, type FloatData, floatsOf, type FloatType } from './float-data.ts';
import { batchTokens, roomTokens } from './slot-layout.ts';
import { createSlotTable } from './slot-table.ts';

export interface DecodeBatch {
  /** `chooser` chooses the tokens of this sequence. */
  join(sequence: string, start: DecodeStart, chooser: TokenChooser): void;
  leave(sequence: string): void;
  step(): Promise<readonly DecodedToken[]>;
  readonly size: number;
  /** Whether there is memory for one token more of each. */
  readonly mayStep: boolean;
}

export interface DecodeBatchLimits {
  readonly slots: number;
  readonly contextMax: number;
  /** Tokens that the KV cache has room for, over all sequences. */
  readonly kvTokensMax: number;
  readonly endOfTextTokens: readonly number[];
}

/** A sequence in the batch; its slot is its row in the cache. */
interface Row {
  readonly sequence: string;
  readonly chooser: TokenChooser;
  token: number;
  tokenIndex: number;
  cachedTokens: number;
  remaining: number;
}

/**
 * The running batch. A sequence that joins is written into a free slot, and nothing else is copied; one that leaves
 * leaves a hole for the next. Holes that are left when a step begins are closed, so that a step costs what its
 * sequences cost and not what the slots would.
 */
export const createDecodeBatch = (
  graph: DecoderGraph,
  runner: Runner,
  limits: DecodeBatchLimits,
): DecodeBatch => {
  const memory = createMemory(graph, limits);
  const { cache, cross } = memory;
  const run = runner.create(memory);
  const table = createSlotTable<Row>();

  const lengths = (): readonly number[] => table.slots.map((row) => row?.cachedTokens ?? 0);
  const compact = (): void =>
    table.compact((from, to, row) => {
      cache.move(from, to, row.cachedTokens);
      cross?.move(from, to);
    });
  /** Makes room for the longest sequence and one token more. */
  const reserve = (): void => {
    const room = roomTokens(Math.max(...lengths()) + 1);
    // Holes take room too.
    if (table.slots.length * room > limits.kvTokensMax) compact();
    cache.reserve(room, lengths());
  };
  const free = (slot: number): void => {
    table.free(slot);
    cross?.free(slot);
  };
  const advance = (row: Row, logits: Float32Array): DecodedToken => {
    row.cachedTokens += 1;
    row.tokenIndex += 1;
    row.remaining -= 1;
    const { token, logprobs } = row.chooser.choose(logits, row.tokenIndex);
    row.token = token;
    const finish = limits.endOfTextTokens.includes(token)
      ? 'endOfText'
      : row.remaining === 0
        ? 'length'
        : undefined;
    return { sequence: row.sequence, token, logprobs, tokenIndex: row.tokenIndex, finish };
  };

  return {
    join: (sequence, start, chooser) => {
      if (table.find((row) => row.sequence === sequence) !== undefined) {
        throw new Fault('invalid_argument', `Sequence ${sequence} is already in the batch.`);
      }
      if (table.size >= limits.slots) {
        throw new Fault('saturated', `All ${limits.slots} decode slots are taken.`);
      }
      const { tensors, tokens, media } = checkedCache(graph, start, limits.contextMax);
      const { token, tokenIndex, tokensMax: remaining } = start;
      const row = { sequence, chooser, token, tokenIndex, cachedTokens: tokens, remaining };
      table.take(row);
      const slot = (): number => table.find((each) => each === row) ?? 0;
      try {
        reserve();
      } catch (thrown) {
        free(slot());
        throw thrown;
      }
      cache.put(slot(), tensors, tokens);
      cross?.put(slot(), media.tensors, media.tokens);
    },
    leave: (sequence) => {
      const slot = table.find((row) => row.sequence === sequence);
      if (slot !== undefined) free(slot);
    },
    get size() {
      return table.size;
    },
    get mayStep() {
      const lengths = table.members().map(({ cachedTokens }) => cachedTokens + 1);
      return lengths.length > 0 && batchTokens(lengths) <= limits.kvTokensMax;
    },
    step: async () => {
      compact();
      const rows = table.members();
      if (rows.length === 0) return [];
      reserve();
      const logits = await run(rows);
      const tokens = rows.map((row, index) => advance(row, logits[index] ?? new Float32Array(0)));
      tokens.forEach(({ finish }, slot) => {
        if (finish !== undefined) free(slot);
      });
      return tokens;
    },
  };
};

/** Tensors [kvHeads, tokens, headSize] in the graph's order. */
interface SequenceCache {
  readonly tensors: readonly FloatData[];
  readonly tokens: number;
}

/** The tensors of a joining sequence in the graph's order. Faults: `invalid_argument` when they do not fit the graph. */
const checkedCache = (
  graph: DecoderGraph,
  { kvCache, token, tokensMax }: DecodeStart,
  contextMax: number,
): SequenceCache & { readonly media: SequenceCache } => {
  const { tensors, tokens } = tensorsOf(kvCache, graph.kvNames, graph.layout, graph.kvType);
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
  return { tensors, tokens, media: mediaOf(kvCache, graph) };
};

/** What the sequence sees of media: nothing where it came without. */
const mediaOf = (kvCache: readonly Tensor[], { cross, kvType }: DecoderGraph): SequenceCache => {
  const given = kvCache.filter((tensor) => cross?.names.includes(tensor.name) === true);
  if (cross === undefined || given.length === 0) return { tensors: [], tokens: 0 };
  // They come from the encoder, whose graph may be of another width.
  const fitting = given.map((tensor): Tensor => {
    return { ...tensor, dataType: kvType, data: asFloatType(floatsOf(tensor), kvType) };
  });
  return tensorsOf(fitting, cross.names, cross.layout, kvType);
};

const tensorsOf = (
  given: readonly Tensor[],
  names: readonly string[],
  { kvHeads, headSize }: KvLayout,
  type: FloatType,
): SequenceCache => {
  const tokens = given.find((tensor) => tensor.name === names[0])?.shape[1] ?? 0;
  const tensors = names.map((name): FloatData => {
    const tensor = given.find((each) => each.name === name);
    const fits =
      tensor?.dataType === type &&
      tensor.shape.length === 3 &&
      tensor.shape[0] === kvHeads &&
      tensor.shape[1] === tokens &&
      tensor.shape[2] === headSize &&
      tensor.data.length === kvHeads * tokens * headSize;
    if (!fits) {
      throw new Fault(
        'invalid_argument',
        `The KV cache needs ${name} as ${type} [${kvHeads}, ${tokens}, ${headSize}]; ` +
          `it has ${tensor === undefined ? 'none' : `${tensor.dataType} [${tensor.shape.join(', ')}]`}.`,
      );
    }
    return tensor.data as FloatData;
  });
  return { tensors, tokens };
};
