import { describe, expect, it } from '@jest/globals';
import { deferred, Fault } from '@isotherm/kernel';
import type { RunningService } from './life-cycle.ts';
import { endedTogether, startTogether } from './start-together.ts';

/** A service that ends when it is told to, and remembers whether it was stopped. */
const service = (name: string) => {
  const ended = deferred<Error | undefined>();
  const state = { stops: 0 };
  const running: RunningService = {
    address: name,
    facts: {},
    stop: async () => void (state.stops += 1),
    ended: ended.promise,
  };
  return { name, state, running, end: ended.resolve, start: async () => running };
};

describe('services that start together', () => {
  it('come in their order', async () => {
    const started = await startTogether([service('a'), service('b')]);
    expect(started.map(({ address }) => address)).toEqual(['a', 'b']);
  });

  it('are all stopped when one of them fails, whose name and code are told', async () => {
    const [before, after] = [service('before'), service('after')];
    const start = () => Promise.reject(new Fault('unsupported', 'No such model.'));
    await expect(startTogether([before, { name: 'bad', start }, after])).rejects.toMatchObject({
      code: 'unsupported',
      message: 'bad: No such model.',
    });
    expect([before.state.stops, after.state.stops]).toEqual([1, 1]);
  });
});

describe('services that end together', () => {
  it('have ended when the last was drained', async () => {
    const [first, last] = [service('first'), service('last')];
    const ended = endedTogether([first.running, last.running]);
    first.end(undefined);
    await first.running.ended;
    expect(await Promise.race([ended, Promise.resolve('not yet')])).toBe('not yet');
    last.end(undefined);
    expect(await ended).toBeUndefined();
  });

  it('have ended as soon as one failed', async () => {
    const [well, ill] = [service('well'), service('ill')];
    const ended = endedTogether([well.running, ill.running]);
    ill.end(new Error('engine died'));
    expect(await ended).toMatchObject({ message: 'engine died' });
  });
});
