import { afterEach, describe, expect, it } from '@jest/globals';
import { Fault } from '@isotherm/kernel';
import { createWorkTable, type JobBase, type Work, type WorkTable } from './work-table.ts';

const job = (jobId: string, different: Partial<JobBase> = {}): JobBase => ({
  jobId,
  requestId: 'request-1',
  routerId: 'router-1',
  model: 'panel',
  deadlineMs: Date.now() + 60_000,
  enqueuedMs: Date.now(),
  ...different,
});

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Begins a job that ends with its case: until then its deadline's timer keeps the process up. */
const begin = (table: WorkTable, job: JobBase, tokens = 1): Work => {
  const work = table.begin(job, tokens);
  if (work === undefined) throw new Error('The job did not begin.');
  ends.push(() => table.end(work));
  return work;
};

describe('a work table', () => {
  it('counts work and its tokens exactly, however often it ends', () => {
    const table = createWorkTable(Date.now);
    const work = begin(table, job('a'), 10);
    begin(table, job('b'), 5);
    expect([table.running, table.pendingTokens]).toEqual([2, 15]);
    table.end(work);
    table.end(work);
    expect([table.running, table.pendingTokens]).toEqual([1, 5]);
  });

  it('drops a second delivery of a running job', () => {
    const table = createWorkTable(Date.now);
    begin(table, job('a'));
    expect(table.begin(job('a'), 1)).toBeUndefined();
  });

  it('cancels a request that runs, and one whose job is still on its way', () => {
    const table = createWorkTable(Date.now);
    const work = begin(table, job('a'));
    expect(table.cancelRequest('request-1')).toBe(true);
    expect(work.controller.signal.reason).toMatchObject({ code: 'cancelled' });
    expect(table.cancelRequest('request-2')).toBe(false);
    expect(table.begin(job('late', { requestId: 'request-2' }), 1)).toBeUndefined();
  });

  it('cancels one job of a request that goes on, also one that is still on its way', () => {
    const table = createWorkTable(Date.now);
    const [lost, kept] = [begin(table, job('a')), begin(table, job('b'))];
    expect([table.cancelJob('a'), table.cancelJob('late')]).toEqual([true, false]);
    expect(lost.controller.signal.reason).toMatchObject({ code: 'cancelled' });
    expect(kept.controller.signal.aborted).toBe(false);
    expect(table.begin(job('late'), 1)).toBeUndefined();
    expect(begin(table, job('c')).controller.signal.aborted).toBe(false);
  });

  it("cancels a dead router's work and nobody else's", () => {
    const table = createWorkTable(Date.now);
    const mine = begin(table, job('a'));
    const other = begin(table, job('b', { routerId: 'router-2' }));
    table.cancelRouter('router-1');
    expect(mine.controller.signal.aborted).toBe(true);
    expect(other.controller.signal.aborted).toBe(false);
  });

  it('aborts at the deadline', async () => {
    const table = createWorkTable(Date.now);
    const work = begin(table, job('a', { deadlineMs: Date.now() + 5 }));
    const signal = work.controller.signal;
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    expect(signal.reason).toMatchObject({ code: 'deadline_exceeded' });
  });

  it('aborts everything with the reason given', () => {
    const table = createWorkTable(Date.now);
    const work = begin(table, job('a'));
    const fault = new Fault('unavailable', 'Shutting down.');
    table.cancelAll(fault);
    expect(work.controller.signal.reason).toBe(fault);
  });
});
