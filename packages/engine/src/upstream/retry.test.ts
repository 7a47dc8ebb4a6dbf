import { describe, expect, it } from '@jest/globals';
import { Fault } from '@isotherm/kernel';
import { type Attempt, retryAfterMsOf, withRetries } from './retry.ts';

const nowMs = Date.parse('2026-11-24T12:00:00Z');

describe('Retry-After', () => {
  it.each([
    ['2', 2000],
    ['0', 0],
    ['0.5', 500],
    ['Tue, 24 Nov 2026 12:00:03 GMT', 3000],
    ['Tue, 24 Nov 2026 11:00:00 GMT', 0],
    ['-1', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (header, expected) => {
    expect(retryAfterMsOf(header, nowMs)).toBe(expected);
  });
});

describe('repeating', () => {
  const fault = new Fault('saturated', 'busy');
  const bounds = { retriesMax: 3, retryMsMin: 1, retryMsMax: 2 };
  const run = async (outcomes: readonly Attempt<string>[]) => {
    let attempts = 0;
    const never = new AbortController().signal;
    const value = await withRetries(bounds, never, async () => {
      attempts += 1;
      return outcomes[Math.min(attempts, outcomes.length) - 1] as Attempt<string>;
    }).catch((error: unknown) => error);
    return { attempts, value };
  };
  const busy = { kind: 'busy', fault, retryAfterMs: undefined } as const;

  it('ends with the first that is done, and after the bound with what was wrong', async () => {
    const done = { kind: 'done', value: 'well' } as const;
    expect(await run([done])).toEqual({ attempts: 1, value: 'well' });
    expect(await run([busy, busy, done])).toEqual({ attempts: 3, value: 'well' });
    expect(await run([busy])).toEqual({ attempts: 4, value: fault });
  });

  it('is not done for a server that wants more time than the bound', async () => {
    expect(await run([{ ...busy, retryAfterMs: 3 }])).toEqual({ attempts: 1, value: fault });
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const reason = new Fault('cancelled', 'gone');
    const long = { ...bounds, retryMsMin: 60_000, retryMsMax: 60_000 };
    const waiting = withRetries(long, controller.signal, async () => {
      setImmediate(() => controller.abort(reason));
      return busy;
    });
    await expect(waiting).rejects.toBe(reason);
  });
});
