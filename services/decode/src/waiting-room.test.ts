import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import { createWaitingRoom } from './waiting-room.ts';

const never = new AbortController().signal;

describe('the waiting room', () => {
  it('lets in what fits, in the order of asking, and the next when one leaves', async () => {
    const room = createWaitingRoom(10);
    const entered: string[] = [];
    const enter = async (name: string, bytes: number): Promise<() => void> => {
      const left = await room.enter(bytes, never);
      entered.push(name);
      return left;
    };
    const one = await enter('one', 6);
    const two = enter('two', 6);
    // It would fit, but comes after one that does not.
    const three = enter('three', 2);
    expect([room.bytes, room.heldBack]).toEqual([6, 2]);
    one();
    one();
    const leave = await Promise.all([two, three]);
    expect([room.bytes, room.heldBack]).toEqual([8, 0]);
    for (const left of leave) left();
    expect([room.bytes, entered]).toEqual([0, ['one', 'two', 'three']]);
  });

  it('forgets what is cancelled while it is held back, and whom it held back', async () => {
    const room = createWaitingRoom(10);
    await room.enter(8, never);
    const controller = new AbortController();
    const large = room.enter(5, controller.signal);
    const small = room.enter(2, never);
    expect(room.heldBack).toBe(2);
    controller.abort(new Error('left'));
    await expect(large).rejects.toThrow('left');
    await small;
    expect([room.bytes, room.heldBack]).toEqual([10, 0]);
    await expect(room.enter(1, controller.signal)).rejects.toThrow('left');
  });

  it('lets one in that is larger than the room, alone', async () => {
    const room = createWaitingRoom(10);
    const left = await room.enter(50, never);
    const next = room.enter(1, never);
    expect(room.heldBack).toBe(1);
    left();
    (await next)();
    expect(room.bytes).toBe(0);
  });

  it('never holds more than its bytes, whoever comes, leaves and is cancelled', async () => {
    const room = createWaitingRoom(100);
    const random = seededRandom(5);
    const inside: (() => void)[] = [];
    const all = Array.from({ length: 500 }, async () => {
      const controller = new AbortController();
      const asked = room.enter(1 + Math.floor(random() * 60), controller.signal).then(
        (left) => void inside.push(left),
        () => undefined,
      );
      if (random() < 0.2) controller.abort();
      expect(room.bytes).toBeLessThanOrEqual(100);
      await asked;
    });
    const done = Promise.all(all);
    while (inside.length > 0 || room.heldBack > 0) {
      inside.splice(Math.floor(random() * inside.length), 1)[0]?.();
      expect(room.bytes).toBeLessThanOrEqual(100);
      await Promise.resolve();
    }
    await done;
    for (const left of inside) left();
    expect([room.bytes, room.heldBack]).toEqual([0, 0]);
  });
});
