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
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const item = items.shift();
        if (item !== undefined) yield item;
        else if (ended) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
};
