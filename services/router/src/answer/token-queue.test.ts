import { describe, expect, it } from '@jest/globals';
import { createTokenQueue } from './token-queue.ts';

const read = async (
  queue: AsyncIterable<readonly number[]>,
): Promise<readonly (readonly number[])[]> => {
  const batches: (readonly number[])[] = [];
  for await (const batch of queue) batches.push(batch);
  return batches;
};

describe('a token queue', () => {
  it('gives out what is there together, and what comes later after it, in order', async () => {
    const queue = createTokenQueue<number>();
    queue.push(1);
    queue.push(2);
    const reading = read(queue);
    await new Promise(setImmediate);
    queue.push(3);
    queue.push(4);
    queue.push(5);
    await new Promise(setImmediate);
    queue.push(6);
    queue.end();
    expect(await reading).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it('gives out no more at once than is asked for', async () => {
    const queue = createTokenQueue<number>(2);
    for (const item of [1, 2, 3, 4, 5]) queue.push(item);
    queue.end();
    expect(await read(queue)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('keeps a large answer in pieces, so that one that is not read is held up', async () => {
    const queue = createTokenQueue<number>();
    for (let item = 0; item < 1000; item += 1) queue.push(item);
    queue.end();
    expect((await read(queue)).map(({ length }) => length)).toEqual([256, 256, 256, 232]);
  });

  it('ends when it is empty and ended', async () => {
    const queue = createTokenQueue<number>();
    queue.end();
    expect(await read(queue)).toEqual([]);
  });
});
