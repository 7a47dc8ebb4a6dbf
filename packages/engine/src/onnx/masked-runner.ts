import { Tensor as OrtTensor } from 'onnxruntime-node';
import { presentName } from '../model-folder/kv-layout.ts';
import { type BatchRunner, rowsOf } from './batch-runner.ts';
import type { DecoderGraph } from './decoder-graph.ts';
import { emptyFloats, type FloatData } from './float-data.ts';
import { floatTensor } from './session.ts';
import type { SlotCache } from './slot-cache.ts';

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
