import { describe, expect, it } from '@jest/globals';
import { deferred, Fault } from '@isotherm/kernel';
import { createPromptTurns, nextPrompt, type Turns } from './prompt-turns.ts';

const never = new AbortController().signal;
const chunk = 100;

/** Prompts that take turns of 100 tokens each and write their names into a log. */
const workshop = () => {
  const turns = createPromptTurns();
  const log: string[] = [];
  const dropped: string[] = [];
  const work = (name: string, tokens: number, before?: () => Promise<void>): Turns<string> => {
    let remainingTokens = tokens;
    return {
      get remainingTokens() {
        return remainingTokens;
      },
      turn: async () => {
        log.push(name);
        await before?.();
        remainingTokens -= chunk;
        return remainingTokens > 0 ? { kind: 'more' } : { kind: 'done', result: name };
      },
      drop: () => void dropped.push(name),
    };
  };
  return { turns, log, dropped, work };
};

describe('nextPrompt', () => {
  const prompt = (remainingTokens: number, passedOver = 0) => ({ remainingTokens, passedOver });
  it.each([
    { name: 'nobody of none', waiting: [], chosen: -1 },
    { name: 'the shortest', waiting: [prompt(9), prompt(3), prompt(5)], chosen: 1 },
    { name: 'the first of equals', waiting: [prompt(9), prompt(3), prompt(3)], chosen: 1 },
    {
      name: 'the one that was passed over too often, however long',
      waiting: [prompt(3), prompt(900, 16), prompt(5)],
      chosen: 1,
    },
  ])('takes $name', ({ waiting, chosen }) => {
    const next = nextPrompt(waiting);
    expect(next === undefined ? -1 : waiting.indexOf(next)).toBe(chosen);
  });
});

describe('turns of prompts', () => {
  it('let short prompts wait for one chunk of a long one, not for all of it', async () => {
    const { turns, log, work } = workshop();
    const long = turns.run(work('long', 1000), never);
    const short = Array.from({ length: 20 }, (_, index) =>
      turns.run(work(`short ${index}`, chunk), never),
    );
    await Promise.all([long, ...short]);
    expect(log[0]).toBe('long');
    // Before each short one: one chunk of the long prompt, and one more where it had waited for 16.
    log.forEach((name, at) => {
      if (name === 'long') return;
      const own = Number(name.split(' ')[1]);
      expect(at).toBeLessThanOrEqual(1 + own + Math.floor(at / 16));
    });
    expect(log.filter((name) => name === 'long')).toHaveLength(10);
  });

  it('give a long prompt a turn however many short ones keep coming', async () => {
    const { turns, log, work } = workshop();
    let shorts = 0;
    const long = turns.run(work('long', 500), never).then(() => shorts);
    const keepComing = async (): Promise<void> => {
      while (shorts < 200) {
        shorts += 1;
        await turns.run(work('short', chunk), never);
      }
    };
    const all = Promise.all([keepComing(), keepComing(), keepComing()]);
    expect(await long).toBeLessThan(100);
    await all;
    const places = log.flatMap((name, at) => (name === 'long' ? [at] : []));
    places.slice(1).forEach((at, index) => {
      expect(at - (places[index] ?? 0)).toBeLessThanOrEqual(17);
    });
  });

  it('end between two chunks when cancelled, and drop what had begun', async () => {
    const { turns, log, dropped, work } = workshop();
    const controller = new AbortController();
    const inside = deferred<void>();
    const gate = deferred<void>();
    const long = turns.run(
      work('long', 1000, () => {
        inside.resolve();
        return gate.promise;
      }),
      controller.signal,
    );
    const waiting = turns.run(work('waiting', 1000), controller.signal);
    await inside.promise;
    controller.abort(new Fault('cancelled', 'enough'));
    await expect(long).rejects.toMatchObject({ code: 'cancelled' });
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    gate.resolve();
    await turns.run(work('next', chunk), never);
    expect(log).toEqual(['long', 'next']);
    expect(dropped.toSorted()).toEqual(['long', 'waiting']);
  });

  it('go on after one has failed', async () => {
    const { turns, work } = workshop();
    const bad = turns.run(
      work('bad', 1000, () => Promise.reject(new Fault('invalid_argument', 'bad'))),
      never,
    );
    const good = turns.run(work('good', 300), never);
    await expect(bad).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(await good).toMatchObject({ result: 'good' });
  });
});
