import { Tensor as OrtTensor } from 'onnxruntime-node';
import { presentName } from '../model-folder/kv-layout.ts';
import { type BatchMemory, type BatchRunner, rowsOf } from './batch-runner.ts';
import { floatTensor } from './session.ts';

/**
 * For graphs built on `com.microsoft.GroupQueryAttention`: the operator takes from the mask only how many tokens a row
 * has, counts them from the start of the row, and writes the new one behind them. Given the slots' buffer both as past
 * and as present it does so in place. Not for nothing: the runtime's binding for Node copies every output that was
 * asked for into a new array, whoever owns its memory.
 */
export const inPlaceRunner =
  ({ graph, cache, cross }: BatchMemory): BatchRunner =>
  async (rows) => {
    const room = cache.roomTokens;
    const { kvHeads, headSize } = graph.layout;
    const longest = 1 + Math.max(...rows.map((row) => row.cachedTokens));
    const mask = new BigInt64Array(rows.length * longest);
    rows.forEach(({ cachedTokens }, row) => {
      mask.fill(1n, row * longest, row * longest + cachedTokens + 1);
    });
    const shape = [rows.length, kvHeads, room, headSize];
    const past = graph.kvNames.map((_, index) =>
      floatTensor(graph.kvType, cache.view(index, rows.length), shape),
    );
    const fetches: Record<string, OrtTensor | null> = { logits: null };
    graph.kvNames.forEach((name, index) => {
      fetches[presentName(name)] = past[index] ?? null;
    });
    const { logits } = await graph.run(
      {
        rows: rows.length,
        newTokens: 1,
        pastTokens: room,
        embeds: await graph.embed(rows.map((row) => row.token)),
        mask: new OrtTensor('int64', mask, [rows.length, longest]),
        positions: rows.map((row) => row.cachedTokens),
        past,
        sight: cross?.sight(rows.map((_, row) => row)),
      },
      fetches,
    );
    return rowsOf(logits, rows.length);
  };
