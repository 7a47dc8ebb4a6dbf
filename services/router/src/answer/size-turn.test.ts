import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createSizeTurns, type SizeTurn } from './size-turn.ts';

const never = new AbortController().signal;
const bounds = {
  ...{ bodyBytesInPlaceMax: 100, largeAtOnceMax: 1 },
  ...{ largeYieldMsMax: 20, largeTurnMsMax: 250 },
};
let turnOf: () => SizeTurn;
let begun: string[];

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  turnOf = createSizeTurns(bounds);
  begun = [];
});
afterEach(() => {
  jest.useRealTimers();
});

const begin = (name: string, bytes: number, signal = never): SizeTurn => {
  const turn = turnOf();
  turn.sized(bytes, signal).then(
    () => begun.push(name),
    () => begun.push(`${name} left`),
  );
  return turn;
};
const begunNow = async (afterMs = 0): Promise<readonly string[]> => {
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 9; turn++) await Promise.resolve();
  };
  await settle();
  jest.advanceTimersByTime(afterMs);
  await settle();
  return begun;
};

describe('requests by size', () => {
  it('small ones never wait; large ones do, for each other', async () => {
    const first = begin('large', 101);
    begin('next', 101);
    expect(await begunNow()).toEqual(['large']);
    const small = begin('small', 100);
    expect(await begunNow()).toEqual(['large', 'small']);
    small.release();
    first.passed();
    first.release();
    expect(await begunNow()).toEqual(['large', 'small', 'next']);
  });

  it('a large one begins when no small one is under way, or after a while', async () => {
    const small = begin('small', 1);
    // To have been handed over is for large ones.
    small.passed();
    begin('large', 101);
    expect(await begunNow(19)).toEqual(['small']);
    expect(await begunNow(1)).toEqual(['small', 'large']);
  });

  it('a turn ends by itself where a stage is slow, and only once', async () => {
    const slow = begin('slow', 101);
    for (const name of ['next', 'last']) begin(name, 101);
    expect(await begunNow(249)).toEqual(['slow']);
    expect(await begunNow(1)).toEqual(['slow', 'next']);
    slow.release();
    expect(await begunNow()).toEqual(['slow', 'next']);
  });

  it('counts the first size, and forgets who has left', async () => {
    const controller = new AbortController();
    const one = begin('one', 101);
    void one.sized(1, never);
    begin('two', 101, controller.signal).passed();
    controller.abort(new Error('left'));
    one.release();
    begin('three', 101);
    expect(await begunNow()).toEqual(['one', 'two left', 'three']);
  });
});
