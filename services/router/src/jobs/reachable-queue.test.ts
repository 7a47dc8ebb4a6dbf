import { describe, expect, it } from '@jest/globals';
import { Fault } from '@isotherm/kernel';
import { untilQueueReachable } from './reachable-queue.ts';

const never = new AbortController().signal;

describe('untilQueueReachable', () => {
  it('goes on when the queue is back', async () => {
    const answers = [false, false, false, true];
    await untilQueueReachable({ healthy: () => answers.shift() ?? true }, 60_000, never);
    expect(answers).toEqual([]);
  });

  it('goes on when the wait is over', async () => {
    const startMs = performance.now();
    await untilQueueReachable({ healthy: () => false }, 60, never);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(60);
  });

  it("ends with its signal's reason", async () => {
    const leave = new AbortController();
    const waiting = untilQueueReachable({ healthy: () => false }, 60_000, leave.signal);
    leave.abort(new Fault('deadline_exceeded', 'late'));
    await expect(waiting).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });
});
