import { Tensor as OrtTensor } from 'onnxruntime-node';
import { type BatchMemory, type BatchRunner, rowsOf } from './batch-runner.ts';
import { floatTensor } from './session.ts';

/**
 * All rows in one run: the past is the slots' buffer as it lies, the attention mask switches off what lies beyond each
 * row's own length, and positions are given for each row. Masked positions weigh exactly zero in the softmax, so a row's
 * text does not depend on its neighbours. The new token stands behind the room, at the mask's last place.
 *
 * Outputs are left to the runtime: handing it the same buffers each step was measured and gained nothing.
 */
export const maskedRunner =
  ({ graph, cache, cross }: BatchMemory): BatchRunner =>
  async (rows) => {
    const room = cache.roomTokens;
    const { kvHeads, headSize } = graph.layout;
    const mask = new BigInt64Array(rows.length * (room + 1));
    rows.forEach(({ cachedTokens }, row) => {
      const start = row * (room + 1);
      mask.fill(1n, start, start + cachedTokens);
      mask[start + room] = 1n;
    });
    const shape = [rows.length, kvHeads, room, headSize];
    const { logits, present } = await graph.run({
      rows: rows.length,
      newTokens: 1,
      pastTokens: room,
      embeds: await graph.embed(rows.map((row) => row.token)),
      mask: new OrtTensor('int64', mask, [rows.length, room + 1]),
      positions: rows.map((row) => row.cachedTokens),
      past: graph.kvNames.map((_, index) =>
        floatTensor(graph.kvType, cache.view(index, rows.length), shape),
      ),
      sight: cross?.sight(rows.map((_, row) => row)),
    });
    rows.forEach(({ cachedTokens }, row) => {
      const past = graph.cacheOutput === 'whole' ? room : 0;
      const source = { tensors: present, row, tokens: past + 1, position: past };
      cache.append(row, cachedTokens, source);
    });
    return rowsOf(logits, rows.length);
  };
