import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { DecoderGraph } from './decoder-graph.ts';
import { emptyFloats, type FloatData } from './float-data.ts';
import { presentName } from '../model-folder/kv-layout.ts';
import { floatTensor } from './session.ts';
import type { SlotCache } from './slot-cache.ts';

/** The newest token of a row and the tokens that lie in the cache before it. */
export interface RowState {
  readonly token: number;
  readonly cachedTokens: number;
}

/**
 * Runs one token of every row, adds its keys and values to the cache at position `cachedTokens`, and gives the rows'
 * logits. Changes nothing when it rejects.
 */
export type BatchRunner = (rows: readonly RowState[]) => Promise<readonly Float32Array[]>;

/**
 * All rows in one run: the past is the slots' buffer as it lies, the attention mask switches off what lies beyond each
 * row's own length, and positions are given for each row. Masked positions weigh exactly zero in the softmax, so a row's
 * text does not depend on its neighbours. The new token stands behind the capacity, at the mask's last place.
 */
export const maskedRunner = (graph: DecoderGraph, cache: SlotCache): BatchRunner => {
  const outputs = preallocatedOutputs(graph);
  return async (rows) => {
    const capacity = cache.capacityTokens;
    const { kvHeads, headSize } = graph.layout;
    const mask = new BigInt64Array(rows.length * (capacity + 1));
    rows.forEach(({ cachedTokens }, row) => {
      const start = row * (capacity + 1);
      mask.fill(1n, start, start + cachedTokens);
      mask[start + capacity] = 1n;
    });
    const { logits, present } = await graph.run(
      {
        rows: rows.length,
        newTokens: 1,
        pastTokens: capacity,
        embeds: await graph.embed(rows.map((row) => row.token)),
        mask: new OrtTensor('int64', mask, [rows.length, capacity + 1]),
        positions: rows.map((row) => row.cachedTokens),
        past: graph.kvNames.map((_, index) =>
          floatTensor(graph.kvType, cache.view(index, rows.length), [
            rows.length,
            kvHeads,
            capacity,
            headSize,
          ]),
        ),
      },
      outputs(rows.length, capacity + 1),
    );
    rows.forEach(({ cachedTokens }, row) => {
      const source = { tensors: present, row, tokens: capacity + 1, position: capacity };
      cache.append(row, cachedTokens, source);
    });
    return rowsOf(logits, rows.length);
  };
};

/**
 * For graphs whose past must have no gaps: rows of equal length run together, on a past gathered for them. Exact, at
 * the price of a copy of the cache each step and of one run for each length in the batch.
 */
export const equalLengthRunner =
  (graph: DecoderGraph, cache: SlotCache): BatchRunner =>
  async (rows) => {
    const groups = new Map<number, number[]>();
    rows.forEach(({ cachedTokens }, row) => {
      groups.set(cachedTokens, [...(groups.get(cachedTokens) ?? []), row]);
    });
    const { kvHeads, headSize } = graph.layout;
    const logits: Float32Array[] = [];
    const appends: (() => void)[] = [];
    for (const [tokens, members] of groups) {
      const shape = [members.length, kvHeads, tokens, headSize];
      const result = await graph.run({
        rows: members.length,
        newTokens: 1,
        pastTokens: tokens,
        embeds: await graph.embed(members.map((row) => rows[row]?.token ?? 0)),
        positions: members.map(() => tokens),
        past: graph.kvNames.map((_, index) =>
          floatTensor(graph.kvType, cache.gather(index, members, tokens), shape),
        ),
      });
      rowsOf(result.logits, members.length).forEach((row, place) => {
        const member = members[place] ?? 0;
        logits[member] = row;
        const source = {
          tensors: result.present,
          row: place,
          tokens: tokens + 1,
          position: tokens,
        };
        appends.push(() => cache.append(member, tokens, source));
      });
    }
    for (const append of appends) append();
    return logits;
  };

const rowsOf = (logits: Float32Array, rows: number): readonly Float32Array[] => {
  const width = logits.length / rows;
  return Array.from({ length: rows }, (_, row) => logits.subarray(row * width, (row + 1) * width));
};

/** Output buffers that are kept between steps, so that a step leaves nothing to collect; renewed when they must grow. */
const preallocatedOutputs = (graph: DecoderGraph) => {
  const { kvHeads, headSize } = graph.layout;
  let buffers: readonly FloatData[] = [];
  let last: {
    readonly key: string;
    readonly fetches: Readonly<Record<string, OrtTensor>> | undefined;
  } = {
    key: '',
    fetches: undefined,
  };
  return (rows: number, tokens: number): Readonly<Record<string, OrtTensor>> => {
    const key = `${rows}x${tokens}`;
    if (last.key === key && last.fetches !== undefined) return last.fetches;
    const length = rows * kvHeads * tokens * headSize;
    if ((buffers[0]?.length ?? 0) < length) {
      buffers = graph.kvNames.map(() => emptyFloats(graph.kvType, length));
    }
    const fetches: Record<string, OrtTensor> = {
      logits: new OrtTensor('float32', new Float32Array(rows * graph.vocabularySize), [
        rows,
        1,
        graph.vocabularySize,
      ]),
    };
    graph.kvNames.forEach((name, index) => {
      const data = (buffers[index] ?? emptyFloats(graph.kvType, 0)).subarray(0, length);
      fetches[presentName(name)] = floatTensor(graph.kvType, data, [
        rows,
        kvHeads,
        tokens,
        headSize,
      ]);
    });
    last = { key, fetches };
    return fetches;
  };
};
