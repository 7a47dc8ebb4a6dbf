import { describe, expect, it } from '@jest/globals';
import { deferred } from '@isotherm/kernel';
import { type Contestant, contestant, firstOfTwo } from './first-of-two.ts';

interface Outcome {
  readonly kind: 'done' | 'failed' | 'withdrawn';
  readonly by: string;
}

/** An attempt that ends when told to, or when it is withdrawn. */
const runner = (by: string) => {
  const end = deferred<Outcome>();
  const one: Contestant<Outcome> = contestant(new AbortController().signal, (own) => {
    own.addEventListener('abort', () => end.resolve({ kind: 'withdrawn', by }));
    return end.promise;
  });
  return { one, ends: (kind: 'done' | 'failed') => end.resolve({ kind, by }) };
};
const settles = ({ kind }: Outcome): boolean => kind === 'done';

describe('the first of two', () => {
  it('is the only one while it is in time, even where it fails', async () => {
    const a = runner('a');
    a.ends('failed');
    const outcomes = await firstOfTwo(a.one, 60_000, settles, () => {
      throw new Error('There is no need of a second one.');
    });
    expect(outcomes).toEqual([{ kind: 'failed', by: 'a' }]);
  });

  it('is waited for where there can be no second', async () => {
    const a = runner('a');
    const outcomes = await firstOfTwo(a.one, 1, settles, () => {
      setImmediate(() => a.ends('done'));
      return undefined;
    });
    expect(outcomes).toEqual([{ kind: 'done', by: 'a' }]);
  });

  it.each(['a', 'b'])('is %s when that is done first, and the other is withdrawn', async (fast) => {
    const [a, b] = [runner('a'), runner('b')];
    const outcomes = await firstOfTwo(a.one, 1, settles, () => {
      setImmediate(() => (fast === 'a' ? a : b).ends('done'));
      return b.one;
    });
    expect(outcomes).toEqual([{ kind: 'done', by: fast }]);
    const other = fast === 'a' ? b : a;
    expect(await other.one.outcome).toMatchObject({ kind: 'withdrawn' });
  });

  it('waits for the other when one fails, and gives both where both do', async () => {
    for (const last of ['done', 'failed'] as const) {
      const [a, b] = [runner('a'), runner('b')];
      const outcomes = await firstOfTwo(a.one, 1, settles, () => {
        setImmediate(() => {
          a.ends('failed');
          setImmediate(() => b.ends(last));
        });
        return b.one;
      });
      expect(outcomes.map(({ kind }) => kind)).toEqual(
        last === 'done' ? ['done'] : ['failed', 'failed'],
      );
    }
  });
});
