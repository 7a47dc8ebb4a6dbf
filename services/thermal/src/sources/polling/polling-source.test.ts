import { describe, expect, it } from '@jest/globals';
import { manualClock } from '@isotherm/kernel';
import type { SourceReport } from '../../telemetry/source.ts';
import { type Look, type PollingOptions, pollingSource, type Rest } from './polling-source.ts';

const look: Look = { readings: [{ level: 'gpu', id: 's1/0', quantity: 'core_c', value: 50 }] };

/** Runs a source for a number of looks on a clock of its own, and tells what it said and how long it rested. */
const run = async (looks: number, options: Partial<PollingOptions>) => {
  const clock = manualClock(1_000);
  const stop = new AbortController();
  const reports: SourceReport[] = [];
  const restsMs: number[] = [];
  const rest: Rest = (ms) => {
    restsMs.push(ms);
    clock.advance(ms);
    if (restsMs.length === looks) stop.abort();
    return Promise.resolve();
  };
  const source = pollingSource(
    {
      ...{ name: 'one', kind: 'dcgm', everyMs: 100, timeoutMs: 5_000, backoffMsMax: 1_000 },
      look: () => Promise.resolve(look),
      ...options,
    },
    clock,
    rest,
  );
  await source.start((report) => reports.push(report), stop.signal);
  return { reports, restsMs };
};

describe('a source that is polled', () => {
  it('says what it reads with the time of asking', async () => {
    const { reports, restsMs } = await run(2, {});
    expect(reports).toEqual([
      { kind: 'readings', atMs: 1_000, ...look },
      { kind: 'readings', atMs: 1_100, ...look },
    ]);
    expect(restsMs).toEqual([100, 100]);
  });

  it('rests longer after each failure, to a bound, and shorter again after a success', async () => {
    let each = 0;
    const { reports, restsMs } = await run(7, {
      look: () => {
        each += 1;
        return each <= 5 ? Promise.reject(new Error('refused')) : Promise.resolve(look);
      },
    });
    expect(restsMs).toEqual([200, 400, 800, 1_000, 1_000, 100, 100]);
    expect(reports[0]).toEqual({ kind: 'failed', problem: 'refused' });
    expect(reports.at(-1)).toMatchObject({ kind: 'readings' });
  });

  it('gives up a look at its deadline, and begins no second one beside one that hangs', async () => {
    let begun = 0;
    const { reports } = await run(2, {
      timeoutMs: 1,
      look: () => {
        begun += 1;
        return new Promise<Look>(() => undefined);
      },
    });
    expect(reports).toEqual([
      { kind: 'failed', problem: 'No answer within 1 ms.' },
      { kind: 'failed', problem: 'A look has hung for longer than 1 ms.' },
    ]);
    expect(begun).toBe(1);
  });

  it('says what could not be read beside what could', async () => {
    const { reports } = await run(1, {
      look: () => Promise.resolve({ ...look, problem: 'half of it is missing' }),
    });
    expect(reports.map(({ kind }) => kind)).toEqual(['readings', 'failed']);
  });

  it('aborts the look under way when it is stopped, and says goodbye', async () => {
    const stop = new AbortController();
    let aborted = false;
    let left = false;
    const source = pollingSource(
      {
        ...{ name: 'one', kind: 'dcgm', everyMs: 100, timeoutMs: 5_000, backoffMsMax: 1_000 },
        look: (signal) =>
          new Promise<Look>((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              reject(new Error('aborted'));
            });
            stop.abort();
          }),
        leave: () => {
          left = true;
          return Promise.resolve();
        },
      },
      manualClock(),
    );
    const reports: SourceReport[] = [];
    await source.start((report) => reports.push(report), stop.signal);
    expect({ aborted, left, reports }).toEqual({ aborted: true, left: true, reports: [] });
  });
});
