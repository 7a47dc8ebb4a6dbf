import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTurns, type Turns } from './turns.ts';

let turns: Turns;
let begun: string[];
let ends: Map<string, () => void>;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  turns = createTurns({ atOnceMax: 2, yieldMsMax: 20 });
  begun = [];
  ends = new Map();
});
afterEach(() => {
  jest.useRealTimers();
});

const take = async (name: string, signal?: AbortSignal): Promise<void> => {
  ends.set(name, await turns.take(signal));
  begun.push(name);
};
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

describe('turns', () => {
  it('are so many at once, in the order of asking, each given back once', async () => {
    for (const name of ['a', 'b', 'c', 'd']) void take(name);
    await settle();
    expect([begun, turns.taken, turns.waiting]).toEqual([['a', 'b'], 2, 2]);
    ends.get('a')?.();
    ends.get('a')?.();
    await settle();
    expect([begun, turns.taken, turns.waiting]).toEqual([['a', 'b', 'c'], 2, 1]);
  });

  it('wait for small work to end, and begin at once then', async () => {
    const ended = turns.small();
    void take('a');
    void take('b');
    await settle();
    expect(begun).toEqual([]);
    ended();
    ended();
    await settle();
    expect(begun).toEqual(['a', 'b']);
    // It was counted once.
    turns.small();
    void take('c');
    ends.get('a')?.();
    await settle();
    expect(begun).toEqual(['a', 'b']);
  });

  it('do not starve where there always is small work: one after each bound', async () => {
    turns.small();
    for (const name of ['a', 'b', 'c']) void take(name);
    const after = async (ms: number): Promise<readonly string[]> => {
      jest.advanceTimersByTime(ms);
      await settle();
      return [...begun];
    };
    expect(await after(19)).toEqual([]);
    expect(await after(1)).toEqual(['a']);
    expect(await after(19)).toEqual(['a']);
    expect(await after(1)).toEqual(['a', 'b']);
    expect(await after(60)).toEqual(['a', 'b']);
    ends.get('b')?.();
    expect(await after(20)).toEqual(['a', 'b', 'c']);
  });

  it('are not for who has left', async () => {
    const controller = new AbortController();
    const ended = turns.small();
    const left = take('a', controller.signal);
    void take('b');
    controller.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await expect(take('c', controller.signal)).rejects.toThrow('left');
    ended();
    await settle();
    expect([begun, turns.taken, turns.waiting]).toEqual([['b'], 1, 0]);
  });
});
