import { describe, expect, it } from '@jest/globals';
import { type Deferred, deferred } from '@isotherm/kernel';
import type { TakenJob } from './job-exchange.ts';
import { jobTurns } from './job-turns.ts';

interface Exchange {
  readonly done: readonly string[];
  readonly wanted: number;
  readonly answer: Deferred<readonly TakenJob[]>;
}

const taken = (id: string): TakenJob => ({ id, body: '{}', attempt: 1, dropped: undefined });

/** Turns of a consumer whose exchanges, announcements and handlers the test settles. */
const consumer = (concurrency: number) => {
  const exchanges: Exchange[] = [];
  const announcements: Deferred<void>[] = [];
  const handlers = new Map<string, Deferred<void>>();
  const failures: unknown[] = [];
  const turns = jobTurns({
    concurrency,
    exchange: (done, wanted) => {
      const answer = deferred<readonly TakenJob[]>();
      exchanges.push({ done, wanted, answer });
      return answer.promise;
    },
    job: () => {
      const announced = deferred<void>();
      announcements.push(announced);
      return announced.promise;
    },
    run: ({ id }) => {
      const ended = deferred<void>();
      handlers.set(id, ended);
      return ended.promise;
    },
    failed: (cause) => failures.push(cause),
  });
  turns.begin();
  return {
    ...{ turns, exchanges, announcements, failures },
    /** Answers the last exchange, and lets everything come of it that does. */
    answer: async (...ids: readonly string[]): Promise<void> => {
      exchanges.at(-1)?.answer.resolve(ids.map(taken));
      await idle();
    },
    end: async (...ids: readonly string[]): Promise<void> => {
      for (const id of ids) handlers.get(id)?.resolve();
      await idle();
    },
    last: (): Omit<Exchange, 'answer'> => {
      const { done = [], wanted = 0 } = exchanges.at(-1) ?? {};
      return { done, wanted };
    },
  };
};

const idle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
};

describe('the turns of a consumer', () => {
  it('take as many as there is room for, until no more wait', async () => {
    const { exchanges, announcements, answer, last } = consumer(3);
    expect(last()).toEqual({ done: [], wanted: 3 });
    await answer('a', 'b');
    expect([exchanges.length, announcements.length]).toEqual([1, 1]);
    announcements[0]?.resolve();
    await idle();
    expect(last()).toEqual({ done: [], wanted: 1 });
  });

  it('acknowledge together what ends in one turn, and take others with it', async () => {
    const { exchanges, answer, end, last } = consumer(2);
    await answer('a', 'b');
    expect(exchanges.length).toBe(1);
    await end('a', 'b');
    expect(exchanges.length).toBe(2);
    expect(last()).toEqual({ done: ['a', 'b'], wanted: 2 });
  });

  it('gather what ends while an exchange is under way for the next one', async () => {
    const { exchanges, answer, end, last } = consumer(4);
    await answer('a', 'b', 'c');
    await end('a');
    await end('b');
    await end('c');
    expect(exchanges.length).toBe(2);
    await answer();
    expect(exchanges.length).toBe(3);
    expect(last()).toEqual({ done: ['b', 'c'], wanted: 4 });
  });

  it('pass on an announcement that comes when they have no room any more', async () => {
    const { announcements, exchanges, answer, end, last } = consumer(2);
    await answer('a');
    await end('a');
    expect(last()).toEqual({ done: ['a'], wanted: 2 });
    await answer('b', 'c');
    announcements[0]?.resolve();
    await idle();
    expect(last()).toEqual({ done: [], wanted: 0 });
    await answer();
    expect([exchanges.length, announcements.length]).toEqual([3, 1]);
  });

  it('pass on an announcement that comes when they are paused', async () => {
    const { turns, announcements, exchanges, answer, last } = consumer(1);
    await answer();
    await turns.pause();
    announcements[0]?.resolve();
    await idle();
    expect(exchanges.length).toBe(2);
    expect(last()).toEqual({ done: [], wanted: 0 });
    await answer();
    expect([exchanges.length, announcements.length]).toEqual([2, 1]);
  });

  it('acknowledge again what an exchange failed to', async () => {
    const { turns, exchanges, failures, answer, end, last } = consumer(1);
    await answer('a');
    await end('a');
    exchanges.at(-1)?.answer.reject(new Error('away'));
    await idle();
    expect(failures).toEqual([new Error('away')]);
    expect(turns.held).toEqual(['a']);
    while (exchanges.length < 3) await idle();
    expect(last()).toEqual({ done: ['a'], wanted: 1 });
  });

  it('hold a job until its end is told, and are quiet after that', async () => {
    const { turns, answer, end } = consumer(2);
    await answer('a');
    let paused = false;
    const pausing = turns.pause().then(() => {
      paused = true;
    });
    expect(turns.held).toEqual(['a']);
    await end('a');
    expect([paused, turns.running]).toEqual([false, 0]);
    await answer();
    expect([paused, turns.held]).toEqual([true, []]);
    await pausing;
  });
});

describe('a job that goes ahead of its lane', () => {
  const ahead = (at: ReturnType<typeof consumer>, id: string) => {
    const ended = deferred<void>();
    let runs = 0;
    const taken = at.turns.ahead(id, () => {
      runs += 1;
      return ended.promise;
    });
    const end = async (): Promise<void> => {
      ended.resolve();
      await idle();
    };
    return { taken, end, runs: () => runs };
  };
  const quietConsumer = async (concurrency: number) => {
    const at = consumer(concurrency);
    await at.answer();
    return at;
  };

  it('begins at once, is not run again when it is delivered, and is acknowledged then', async () => {
    const at = await quietConsumer(3);
    const job = ahead(at, 'a');
    expect([job.taken, job.runs(), at.turns.held]).toEqual([true, 1, []]);
    at.announcements[0]?.resolve();
    await idle();
    await at.answer('a');
    expect([job.runs(), at.turns.held, at.exchanges.length]).toEqual([1, ['a'], 2]);
    await job.end();
    expect(at.last()).toEqual({ done: ['a'], wanted: 3 });
    await at.answer();
    expect(at.turns.held).toEqual([]);
  });

  it('is acknowledged when it is delivered after its end', async () => {
    const at = await quietConsumer(2);
    const job = ahead(at, 'a');
    await job.end();
    expect(at.exchanges.length).toBe(1);
    at.announcements[0]?.resolve();
    await idle();
    await at.answer('a');
    expect(at.last()).toEqual({ done: ['a'], wanted: 2 });
    expect(job.runs()).toBe(1);
  });

  it('is refused where there is no room, where others may wait, and when it has begun', async () => {
    const at = consumer(2);
    expect(ahead(at, 'before').taken).toBe(false);
    await at.answer('a');
    expect(ahead(at, 'a').taken).toBe(false);
    expect([ahead(at, 'b').taken, ahead(at, 'b').taken]).toEqual([true, false]);
    expect(ahead(at, 'c').taken).toBe(false);
    void at.turns.pause();
    expect(ahead(at, 'd').taken).toBe(false);
  });

  it('lets no more run than may: what is delivered meanwhile waits, and is held', async () => {
    const at = await quietConsumer(2);
    at.announcements[0]?.resolve();
    await idle();
    expect(at.last()).toEqual({ done: [], wanted: 2 });
    const job = ahead(at, 'early');
    await at.answer('a', 'b');
    expect([at.turns.running, at.turns.held]).toEqual([2, ['a', 'b']]);
    await job.end();
    expect([at.turns.running, at.turns.held]).toEqual([2, ['a', 'b']]);
    const paused = at.turns.pause();
    await at.end('a', 'b');
    expect(at.last()).toEqual({ done: ['a', 'b'], wanted: 0 });
    await at.answer();
    await paused;
  });
});
