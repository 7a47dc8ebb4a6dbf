import { type BatchMemory, type BatchRunner, rowsOf } from './batch-runner.ts';
import { floatTensor } from './session.ts';

/**
 * For graphs whose past must have no gaps: rows of equal length run together, on a past gathered for them. Exact, at
 * the price of a copy of the cache each step and of one run for each length in the batch.
 */
export const equalLengthRunner =
  ({ graph, cache, cross }: BatchMemory): BatchRunner =>
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
        sight: cross?.sight(members),
      });
      rowsOf(result.logits, members.length).forEach((row, place) => {
        const member = members[place] ?? 0;
        logits[member] = row;
        const past = graph.cacheOutput === 'whole' ? tokens : 0;
        const source = {
          tensors: result.present,
          row: place,
          tokens: past + 1,
          position: past,
        };
        appends.push(() => cache.append(member, tokens, source));
      });
    }
    for (const append of appends) append();
    return logits;
  };
