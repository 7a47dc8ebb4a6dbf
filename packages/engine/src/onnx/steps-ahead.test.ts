import { describe, expect, test } from '@jest/globals';
import type { DecodedToken } from '../contract.ts';
import { createStepsAhead } from './steps-ahead.ts';

/** A batch of the named sequences that counts its steps; `failsAt` is a step that fails, `endsAt` one that ends a sequence. */
const batchOf = (names: readonly string[], failsAt = Infinity, endsAt = Infinity) => {
  const members = new Set(names);
  let steps = 0;
  return {
    members,
    steps: () => steps,
    batch: {
      step: (): Promise<readonly DecodedToken[]> => {
        steps += 1;
        if (steps === failsAt) return Promise.reject(new Error('broken'));
        const at = steps;
        return Promise.resolve(
          [...members].map((sequence) => ({
            ...{ sequence, token: at, tokenIndex: at },
            finish: at === endsAt ? ('length' as const) : undefined,
          })),
        );
      },
      get size() {
        return members.size;
      },
      get mayStep() {
        return members.size > 0 && steps < 100;
      },
    },
  };
};
const said = (tokens: readonly DecodedToken[]): readonly string[] =>
  tokens.map(({ sequence, token }) => `${sequence}${token}`);

describe('steps ahead', () => {
  test('come together and in order with the next call, and no more than may be', async () => {
    const { batch, steps } = batchOf(['a', 'b']);
    const ahead = createStepsAhead(batch, { stepsMax: 2, togetherMs: 0 });
    expect(said(await ahead.step())).toEqual(['a1', 'b1']);
    expect([await ahead.advance(), await ahead.advance(), await ahead.advance()]).toEqual([
      true,
      true,
      false,
    ]);
    expect(steps()).toBe(3);
    expect(said(await ahead.step())).toEqual(['a2', 'b2', 'a3', 'b3']);
    expect(said(await ahead.step())).toEqual(['a4', 'b4']);
  });

  test('wait until the first step is asked for, and again when somebody joins or leaves', async () => {
    const { batch, steps } = batchOf(['a']);
    const ahead = createStepsAhead(batch, { stepsMax: 8, togetherMs: 0 });
    expect(await ahead.advance()).toBe(false);
    await ahead.step();
    ahead.joined();
    expect(await ahead.advance()).toBe(false);
    await ahead.step();
    ahead.left('none');
    expect(await ahead.advance()).toBe(false);
    expect(steps()).toBe(2);
  });

  test('are not run after one that is to be alone', async () => {
    const { batch } = batchOf(['a']);
    const ahead = createStepsAhead(batch, { stepsMax: 8, togetherMs: 0 });
    await ahead.step();
    await ahead.advance();
    expect(said(await ahead.step(true))).toEqual(['a2']);
    expect(await ahead.advance()).toBe(false);
    expect(said(await ahead.step())).toEqual(['a3']);
    expect(await ahead.advance()).toBe(true);
  });

  test('are dropped for one that has left', async () => {
    const { batch, members } = batchOf(['a', 'b']);
    const ahead = createStepsAhead(batch, { stepsMax: 8, togetherMs: 0 });
    await ahead.step();
    await ahead.advance();
    members.delete('b');
    ahead.left('b');
    expect(said(await ahead.step())).toEqual(['a2']);
  });

  test('fail with the call that would have made them, after what was made before', async () => {
    const { batch } = batchOf(['a'], 3);
    const ahead = createStepsAhead(batch, { stepsMax: 8, togetherMs: 0 });
    await ahead.step();
    expect(await ahead.advance()).toBe(true);
    expect(await ahead.advance()).toBe(false);
    expect(said(await ahead.step())).toEqual(['a2']);
    await expect(ahead.step()).rejects.toThrow('broken');
    expect(said(await ahead.step())).toEqual(['a4']);
  });

  test('that failed concern nobody who comes when all have left', async () => {
    const { batch, members } = batchOf(['a'], 2);
    const ahead = createStepsAhead(batch, { stepsMax: 8, togetherMs: 0 });
    await ahead.step();
    await ahead.advance();
    members.delete('a');
    ahead.left('a');
    members.add('b');
    ahead.joined();
    expect(said(await ahead.step())).toEqual(['b3']);
  });

  test('stop where there is no memory for them', async () => {
    const { batch } = batchOf([]);
    const ahead = createStepsAhead(batch, { stepsMax: 8, togetherMs: 0 });
    await ahead.step();
    expect(await ahead.advance()).toBe(false);
  });
});

describe('steps told together', () => {
  /** A clock on which each look takes a millisecond. */
  const clock = () => {
    let nowMs = 0;
    return () => (nowMs += 1);
  };

  test('are those that begin within the time', async () => {
    const { batch, steps } = batchOf(['a', 'b']);
    const ahead = createStepsAhead(batch, { stepsMax: 8, togetherMs: 3 }, clock());
    expect(said(await ahead.step())).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
    expect(steps()).toBe(3);
  });

  test('are no more than may be run ahead', async () => {
    const { batch } = batchOf(['a']);
    const ahead = createStepsAhead(batch, { stepsMax: 2, togetherMs: 100 }, clock());
    expect(said(await ahead.step())).toEqual(['a1', 'a2', 'a3']);
    expect(await ahead.advance()).toBe(false);
  });

  test('end with an answer', async () => {
    const { batch } = batchOf(['a', 'b'], Infinity, 2);
    const ahead = createStepsAhead(batch, { stepsMax: 8, togetherMs: 100 }, clock());
    expect(said(await ahead.step())).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  test('are one where it is to be alone, or where there is no memory for more', async () => {
    const { batch } = batchOf(['a']);
    const ahead = createStepsAhead(batch, { stepsMax: 8, togetherMs: 100 }, clock());
    expect(said(await ahead.step(true))).toEqual(['a1']);
    const full = { ...batch, size: 1, mayStep: false };
    const still = createStepsAhead(full, { stepsMax: 8, togetherMs: 100 }, clock());
    expect(said(await still.step())).toEqual(['a2']);
  });

  test('fail with the next call, after what was made before', async () => {
    const { batch } = batchOf(['a'], 3);
    const ahead = createStepsAhead(batch, { stepsMax: 8, togetherMs: 100 }, clock());
    expect(said(await ahead.step())).toEqual(['a1', 'a2']);
    await expect(ahead.step()).rejects.toThrow('broken');
  });
});
