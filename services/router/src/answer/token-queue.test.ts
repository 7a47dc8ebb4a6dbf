import { describe, expect, it } from '@jest/globals';
import { createTokenQueue } from './token-queue.ts';

const read = async (queue: AsyncIterable<number>): Promise<number[]> => {
  const items: number[] = [];
  for await (const item of queue) items.push(item);
  return items;
};

describe('a token queue', () => {
  it('gives out what was pushed before and after the reader came, in order', async () => {
    const queue = createTokenQueue<number>();
    queue.push(1);
    const reading = read(queue);
    queue.push(2);
    await Promise.resolve();
    queue.push(3);
    queue.end();
    expect(await reading).toEqual([1, 2, 3]);
  });

  it('ends when it is empty and ended', async () => {
    const queue = createTokenQueue<number>();
    queue.end();
    expect(await read(queue)).toEqual([]);
  });
});
