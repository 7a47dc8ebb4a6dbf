import { describe, expect, it } from '@jest/globals';
import { createSimulation } from '../engine/simulation.ts';
import { type BatchBankOptions, createBatchBank } from './batch-bank.ts';
import { linearCost } from './stage-cost.ts';

/** Two stations whose batches take 10 ms and one for each token. */
const bankOf = (different: Partial<BatchBankOptions> = {}) => {
  const simulation = createSimulation();
  const seen: string[] = [];
  const bank = createBatchBank(simulation, {
    ...{ stations: 2, kind: 'encode' as const, tokensOf: (job: number) => job },
    cost: linearCost({ fixedMs: 10, tokenMs: 1 }, { batchMax: 2, tokensMax: 10 }),
    onDone: (station, job) => seen.push(`${job} of ${station} at ${simulation.clock.nowMs()}`),
    ...different,
  });
  return { simulation, bank, seen };
};

describe('a batch station', () => {
  it('takes what waits when it is free, within its bounds of jobs and of tokens', () => {
    const { simulation, bank, seen } = bankOf();
    for (const job of [1, 2, 3, 4, 9]) bank.enqueue(0, job);
    bank.enqueue(1, 7);
    expect([bank.running(0), bank.waiting(0), bank.waiting(1)]).toEqual([1, 4, 0]);
    simulation.runUntil(Infinity);
    expect(seen).toEqual([
      ...['1 of 0 at 11', '7 of 1 at 17', '2 of 0 at 26', '3 of 0 at 26', '4 of 0 at 40'],
      '9 of 0 at 59',
    ]);
    expect(bank.usage.busyMs(0, 0)).toBe(59);
    expect(bank.usage.batchMs(0, 0)).toBe(59 + 15);
  });

  it('takes the shortest first where it is told to', () => {
    const { simulation, bank, seen } = bankOf({ order: 'short-first' });
    for (const job of [9, 8, 2, 8, 1]) bank.enqueue(0, job);
    simulation.runUntil(Infinity);
    expect(seen.map((line) => Number.parseInt(line, 10))).toEqual([9, 1, 2, 8, 8]);
  });

  it('runs several batches at once, each at the clock that it began with', () => {
    const { simulation, bank, seen } = bankOf({ units: 2 });
    bank.enqueue(0, 1);
    bank.setClock(0, 0.5);
    bank.enqueue(0, 2);
    simulation.runUntil(Infinity);
    expect(seen).toEqual(['1 of 0 at 11', '2 of 0 at 24']);
    expect(bank.usage.busyMs(0, 0)).toBe(24);
  });

  it('may be given work by those who are told of its end', () => {
    const { simulation, bank, seen } = bankOf({
      onDone: (station, job) => {
        seen.push(`${job} at ${simulation.clock.nowMs()}`);
        if (job > 1) bank.enqueue(station, job - 1);
      },
    });
    bank.enqueue(0, 3);
    simulation.runUntil(Infinity);
    expect(seen).toEqual(['3 at 13', '2 at 25', '1 at 36']);
  });
});
