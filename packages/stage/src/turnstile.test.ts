import { describe, expect, it } from '@jest/globals';
import { deferred } from '@isotherm/kernel';
import { createTurnstile } from './turnstile.ts';

const never = new AbortController().signal;

describe('a turnstile', () => {
  it('lets one in at a time, in order', async () => {
    const turnstile = createTurnstile();
    const order: string[] = [];
    const gate = deferred<undefined>();
    const first = turnstile.pass(never, async () => {
      order.push('first in');
      await gate.promise;
      order.push('first out');
    });
    const rest = ['second', 'third'].map((name) =>
      turnstile.pass(never, () => Promise.resolve(order.push(name))),
    );
    expect(turnstile.waiting).toBe(2);
    gate.resolve(undefined);
    await Promise.all([first, ...rest]);
    expect(order).toEqual(['first in', 'first out', 'second', 'third']);
  });

  it('lets the waiting leave, and goes on with the next', async () => {
    const turnstile = createTurnstile();
    const gate = deferred<undefined>();
    const controller = new AbortController();
    const first = turnstile.pass(never, () => gate.promise);
    const leaving = turnstile.pass(controller.signal, () => Promise.resolve('ran'));
    const third = turnstile.pass(never, () => Promise.resolve('third'));
    controller.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
    gate.resolve(undefined);
    await first;
    await expect(third).resolves.toBe('third');
  });

  it('goes on after one inside has failed', async () => {
    const turnstile = createTurnstile();
    await expect(turnstile.pass(never, () => Promise.reject(new Error('bad')))).rejects.toThrow();
    await expect(turnstile.pass(never, () => Promise.resolve(1))).resolves.toBe(1);
  });
});
