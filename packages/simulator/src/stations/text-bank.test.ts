import { describe, expect, it } from '@jest/globals';
import { createSimulation } from '../engine/simulation.ts';
import { createHost } from '../host/host.ts';
import { linearCost } from './stage-cost.ts';
import { createTextBank, type TextBankOptions } from './text-bank.ts';

/** A bank of one station: a step takes 10 ms and one more for each sequence, a prompt a millisecond a token. */
const bankOf = (different: Partial<TextBankOptions> = {}, cores?: number) => {
  const simulation = createSimulation();
  const seen: string[] = [];
  const gaps: string[] = [];
  const note = (what: string) => (_: number, job: number) => {
    seen.push(`${what} ${job} at ${simulation.clock.nowMs()}`);
  };
  const bank = createTextBank(simulation, {
    stations: 1,
    decode: linearCost({ fixedMs: 10, eachMs: 1 }, { batchMax: 2, clockFixedShare: 0.5 }),
    contextOf: () => 100,
    answerOf: (job) => job,
    onFirstToken: note('first'),
    onDone: note('done'),
    onTokens: (gapMs, tokens) => gaps.push(`${tokens} after ${gapMs}`),
    ...different,
    ...(cores !== undefined && { host: createHost(simulation, { cores }) }),
  });
  const at = (atMs: number, act: () => void): void => {
    simulation.add(1, act).set(0, atMs);
  };
  return { simulation, bank, seen, gaps, at };
};
const prompt = {
  prefill: linearCost({ tokenMs: 1 }, { batchMax: 4, tokensMax: 50 }),
  tokensOf: () => 30,
};

describe('a text station', () => {
  it('makes a token a step of each, and lets the next one in at the end of the step', () => {
    const { simulation, bank, seen, gaps, at } = bankOf();
    at(0, () => bank.enqueue(0, 5));
    at(15, () => bank.enqueue(0, 2));
    simulation.runUntil(Infinity);
    // Alone until 22, together two steps of 12 until 46, alone again for the last.
    expect(seen).toEqual(['done 2 at 46', 'done 5 at 57']);
    expect(gaps).toEqual(['2 after 11', '4 after 12', '1 after 11']);
    expect(bank.usage.busyMs(0, 2)).toBe(57);
    expect(bank.usage.batchMs(0, 2)).toBe(57 + 24);
  });

  it('keeps those who do not fit waiting: by seats, and by the memory of whole answers', () => {
    const { simulation, bank, seen, at } = bankOf({ kvTokensMax: 204 });
    at(0, () => [3, 1, 2].forEach((job) => bank.enqueue(0, job)));
    at(12, () => expect([bank.running(0), bank.waiting(0)]).toEqual([2, 1]));
    simulation.runUntil(Infinity);
    expect(seen).toEqual(['done 1 at 23', 'done 3 at 34', 'done 2 at 56']);
  });

  it('runs prompts first, as many as go together, while the others wait', () => {
    const { simulation, bank, seen, gaps, at } = bankOf({ prompt });
    at(0, () => bank.enqueue(0, 3));
    at(35, () => bank.enqueue(0, 1));
    simulation.runUntil(Infinity);
    expect(seen).toEqual(['first 3 at 30', 'first 1 at 71', 'done 1 at 71', 'done 3 at 82']);
    expect(gaps).toEqual(['1 after 11', '1 after 41']);
    expect(bank.usage.busyMs(0, 1)).toBe(60);
  });

  it('encodes media in batches before their prompt, where it does all', () => {
    const encode = {
      cost: linearCost({ fixedMs: 5, eachMs: 1 }, { batchMax: 4 }),
      mediaOf: () => 6,
      tokensOf: () => 100,
    };
    const { simulation, bank, seen, at } = bankOf({ prompt: { ...prompt, encode } });
    at(0, () => bank.enqueue(0, 1));
    simulation.runUntil(Infinity);
    expect(seen).toEqual(['first 1 at 46', 'done 1 at 46']);
  });

  it('does the same on a host with cores for all', () => {
    const { simulation, bank, seen, gaps, at } = bankOf({}, 1);
    at(0, () => bank.enqueue(0, 5));
    at(15, () => bank.enqueue(0, 2));
    simulation.runUntil(Infinity);
    expect(seen).toEqual(['done 2 at 46', 'done 5 at 57']);
    expect(gaps).toEqual([
      ...['1 after 11', '1 after 11', '2 after 12', '2 after 12'],
      '1 after 11',
    ]);
  });

  it('lets nobody in before the steps that its engine has run ahead', () => {
    const { simulation, bank, seen, gaps, at } = bankOf({ stepsAhead: 1 }, 1);
    at(0, () => bank.enqueue(0, 5));
    at(15, () => bank.enqueue(0, 2));
    // Who comes when nobody runs does not wait.
    at(100, () => bank.enqueue(0, 1));
    simulation.runUntil(Infinity);
    expect(gaps.slice(0, 4)).toEqual([...['1 after 11', '1 after 11', '1 after 11'], '2 after 12']);
    expect(seen).toEqual(['done 5 at 57', 'done 2 at 57', 'done 1 at 111']);
  });

  it('goes slower from the next step on when its clock falls, but for what does not follow it', () => {
    const { simulation, bank, seen, at } = bankOf();
    at(0, () => bank.enqueue(0, 4));
    at(15, () => bank.setClock(0, 0.5));
    simulation.runUntil(Infinity);
    expect(seen).toEqual(['done 4 at 55']);
  });
});
