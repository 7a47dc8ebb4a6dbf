/** A queue with one reader: what is pushed comes out in order, and the loop ends when the queue does. */
export interface TokenQueue<Item> extends AsyncIterable<Item> {
  push(item: Item): void;
  end(): void;
}

/** Bounded by its writer: a decode job has a largest number of tokens. */
export const createTokenQueue = <Item>(): TokenQueue<Item> => {
  const items: Item[] = [];
  let ended = false;
  let wake: () => void = () => undefined;
  return {
    push: (item) => {
      items.push(item);
      wake();
    },
    end: () => {
      ended = true;
      wake();
    },
    // By hand: a generator takes three turns of the promise queue for each item, of every answer.
    [Symbol.asyncIterator]: () => {
      const next = (): Promise<IteratorResult<Item, undefined>> => {
        const item = items.shift();
        if (item !== undefined) return Promise.resolve({ done: false, value: item });
        if (ended) return Promise.resolve({ done: true, value: undefined });
        return new Promise<void>((resolve) => {
          wake = resolve;
        }).then(next);
      };
      return { next };
    },
  };
};
