import { describe, expect, it } from '@jest/globals';
import { type DecodeStart, profileDecodeEngine } from '@isotherm/engine';
import { seededRandom } from '@isotherm/kernel';
import { type BatchToken, createRunningBatch } from './running-batch.ts';

const never = new AbortController().signal;
const slots = 4;

const start = (seed: number, tokensMax: number): DecodeStart => ({
  kvCache: [{ name: 'kv', dataType: 'int32', shape: [1, 1, 1], data: Int32Array.of(seed) }],
  token: seed % 251,
  tokenIndex: 0,
  tokensMax,
  sampling: { temperature: 0, topP: 1, seed: 0 },
});

interface Ran {
  readonly tokens: Map<string, number[]>;
  readonly batches: number[];
  run(id: string, tokensMax: number, signal?: AbortSignal): Promise<void>;
  step: (tokens: readonly BatchToken<string>[]) => void;
}

const batchOf = (): Ran => {
  const tokens = new Map<string, number[]>();
  const batches: number[] = [];
  const batch = createRunningBatch<string>(profileDecodeEngine({ slots }), (step, size) => {
    batches.push(size);
    for (const { owner, token } of step) tokens.set(owner, [...(tokens.get(owner) ?? []), token]);
    ran.step(step);
  });
  const ran: Ran = {
    tokens,
    batches,
    run: (id, tokensMax, signal = never) => batch.run(id, id, start(Number(id), tokensMax), signal),
    step: () => undefined,
  };
  return ran;
};

describe('the running batch', () => {
  it('runs each sequence to its length, never more at once than there are slots', async () => {
    const { run, tokens, batches } = batchOf();
    const random = seededRandom(11);
    const lengths = Array.from({ length: 20 }, () => 1 + Math.floor(random() * 30));
    await Promise.all(lengths.map((length, id) => run(String(id), length)));
    expect(lengths.map((_, id) => tokens.get(String(id))?.length)).toEqual(lengths);
    expect(Math.max(...batches)).toBe(slots);
  });

  it('gives every sequence the tokens that it would get alone', async () => {
    const together = batchOf();
    await Promise.all(['1', '2', '3', '4', '5', '6'].map((id) => together.run(id, 12)));
    for (const id of ['1', '4', '6']) {
      const alone = batchOf();
      await alone.run(id, 12);
      expect(together.tokens.get(id)).toEqual(alone.tokens.get(id));
    }
  });

  it('lets a sequence leave in the middle, at once, and the others go on', async () => {
    const ran = batchOf();
    const controller = new AbortController();
    ran.step = (step) => {
      const seen = step.find(({ owner, tokenIndex }) => owner === '1' && tokenIndex === 5);
      if (seen !== undefined) controller.abort(new Error('left'));
    };
    const leaving = ran.run('1', 1000, controller.signal);
    const staying = ran.run('2', 20);
    await expect(leaving).rejects.toThrow('left');
    await staying;
    expect(ran.tokens.get('1')).toHaveLength(5);
    expect(ran.tokens.get('2')).toHaveLength(20);
  });

  it('reports time and company with the last token only', async () => {
    const ran = batchOf();
    const last: BatchToken<string>[] = [];
    ran.step = (step) => last.push(...step.filter(({ timing }) => timing !== undefined));
    await Promise.all([ran.run('1', 3), ran.run('2', 9)]);
    expect(last.map(({ owner, tokenIndex, finish }) => [owner, tokenIndex, finish])).toEqual([
      ['1', 3, 'length'],
      ['2', 9, 'length'],
    ]);
    expect(last.map(({ timing }) => timing?.batch)).toEqual([2, 2]);
  });
});
