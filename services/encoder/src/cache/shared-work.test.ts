import { describe, expect, it } from '@jest/globals';
import { deferred, type Deferred, Fault } from '@isotherm/kernel';
import { createSharedWork } from './shared-work.ts';

const never = new AbortController().signal;

/** Work that waits to be told how it ends. */
const gatedWork = () => {
  const runs: { readonly signal: AbortSignal; readonly gate: Deferred<string> }[] = [];
  const work = (signal: AbortSignal): Promise<string> => {
    const gate = deferred<string>();
    runs.push({ signal, gate });
    signal.addEventListener('abort', () => gate.reject(signal.reason), { once: true });
    return gate.promise;
  };
  return { runs, work };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('shared work', () => {
  it('is done once for all who want it, and anew after that', async () => {
    const shared = createSharedWork<string>();
    const { runs, work } = gatedWork();
    const all = [1, 2, 3].map(() => shared.run('k', work, never));
    const other = shared.run('other', work, never);
    expect(runs).toHaveLength(2);
    runs[0]?.gate.resolve('done');
    runs[1]?.gate.resolve('other');
    expect(await Promise.all(all)).toEqual([
      { value: 'done', joined: false },
      { value: 'done', joined: true },
      { value: 'done', joined: true },
    ]);
    expect((await other).value).toBe('other');
    expect(shared.has('k')).toBe(false);
    void shared.run('k', work, never);
    expect(runs).toHaveLength(3);
  });

  it('goes on while one of two still waits', async () => {
    const shared = createSharedWork<string>();
    const { runs, work } = gatedWork();
    const leaver = new AbortController();
    const first = shared.run('k', work, leaver.signal);
    const second = shared.run('k', work, never);
    leaver.abort(new Error('left'));
    await expect(first).rejects.toThrow('left');
    expect(runs[0]?.signal.aborted).toBe(false);
    runs[0]?.gate.resolve('done');
    expect(await second).toEqual({ value: 'done', joined: true });
    expect(runs).toHaveLength(1);
  });

  it('is aborted when all have left, and nobody joins what was given up', async () => {
    const shared = createSharedWork<string>();
    const { runs, work } = gatedWork();
    const leavers = [new AbortController(), new AbortController()];
    const waits = leavers.map(({ signal }) => shared.run('k', work, signal));
    for (const leaver of leavers) leaver.abort(new Error('left'));
    await Promise.allSettled(waits);
    expect(runs[0]?.signal.aborted).toBe(true);
    const late = shared.run('k', work, never);
    runs[1]?.gate.resolve('done');
    expect(await late).toEqual({ value: 'done', joined: false });
  });

  it('is begun anew by the others when it failed for the one who began it', async () => {
    const shared = createSharedWork<string>();
    const { runs, work } = gatedWork();
    const first = shared.run('k', work, never);
    const others = [shared.run('k', work, never), shared.run('k', work, never)];
    runs[0]?.gate.reject(new Fault('not_found', 'The lease of the medium has ended.'));
    await expect(first).rejects.toMatchObject({ code: 'not_found' });
    await turn();
    expect(runs).toHaveLength(2);
    runs[1]?.gate.resolve('done');
    expect((await Promise.all(others)).map(({ value }) => value)).toEqual(['done', 'done']);
  });

  it('fails for all when the content is bad', async () => {
    const shared = createSharedWork<string>();
    const { runs, work } = gatedWork();
    const all = [shared.run('k', work, never), shared.run('k', work, never)];
    runs[0]?.gate.reject(new Fault('invalid_argument', 'Not a picture.'));
    for (const outcome of await Promise.allSettled(all)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'invalid_argument' } });
    }
    expect(runs).toHaveLength(1);
  });
});
