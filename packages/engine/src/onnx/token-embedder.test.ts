import { describe, expect, it } from '@jest/globals';
import { Tensor } from 'onnxruntime-node';
import { tokenEmbedder } from './token-embedder.ts';

type Session = Parameters<typeof tokenEmbedder>[0];

/** A graph that gives each token a row of two numbers, and counts its runs. */
const graphOf = (rowOf: (token: number, before: number) => readonly number[]) => {
  let runs = 0;
  const session = {
    inputNames: ['input_ids'],
    outputNames: ['inputs_embeds'],
    run: ({ input_ids: ids }: Readonly<Record<string, Tensor>>) => {
      runs += 1;
      if (ids === undefined) throw new Error('no tokens');
      const tokens = [...(ids.data as BigInt64Array)].map(Number);
      const rows = tokens.flatMap((token, at) => rowOf(token, tokens[at - 1] ?? -1));
      return Promise.resolve({
        inputs_embeds: new Tensor('float32', Float32Array.from(rows), [1, tokens.length, 2]),
      });
    },
  };
  return { session: session as unknown as Session, runs: () => runs };
};

describe('embeddings of tokens', () => {
  it('come from a table where it is small', async () => {
    const { session, runs } = graphOf((token) => [token, token / 2]);
    const embed = await tokenEmbedder(session, { hiddenSize: 2, vocabularySize: 9 });
    const loading = runs();
    expect([...(await embed([8, 3, 3]))]).toEqual([8, 4, 3, 1.5, 3, 1.5]);
    expect(runs()).toBe(loading);
  });

  it('come from the graph where the table is large', async () => {
    const { session, runs } = graphOf((token) => [token, 1]);
    const embed = await tokenEmbedder(session, { hiddenSize: 2, vocabularySize: 1 << 22 });
    expect(runs()).toBe(0);
    expect([...(await embed([5]))]).toEqual([5, 1]);
  });

  it('come from the graph where it reads the neighbours too', async () => {
    const { session, runs } = graphOf((token, before) => [token, before]);
    const embed = await tokenEmbedder(session, { hiddenSize: 2, vocabularySize: 9 });
    const loading = runs();
    expect([...(await embed([4, 7]))]).toEqual([4, -1, 7, 4]);
    expect(runs()).toBe(loading + 1);
  });
});
