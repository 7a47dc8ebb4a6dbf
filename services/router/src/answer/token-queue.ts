/** A queue with one reader, who gets all that is there at once; the loop ends when the queue does. */
export interface TokenQueue<Item> extends AsyncIterable<readonly Item[]> {
  push(item: Item): void;
  end(): void;
}

/** Bounded by its writer: a decode job has a largest number of tokens. Gives out at most `togetherMax` at once, in order. */
export const createTokenQueue = <Item>(togetherMax = Infinity): TokenQueue<Item> => {
  let items: Item[] = [];
  let ended = false;
  let wake: () => void = () => undefined;
  const take = (): readonly Item[] => {
    const taken = items.length <= togetherMax ? items : items.slice(0, togetherMax);
    items = items.slice(taken.length);
    return taken;
  };
  return {
    push: (item) => {
      items.push(item);
      wake();
    },
    end: () => {
      ended = true;
      wake();
    },
    // By hand: a generator takes three turns of the promise queue for each step, of every answer.
    [Symbol.asyncIterator]: () => {
      const next = (): Promise<IteratorResult<readonly Item[], undefined>> => {
        if (items.length > 0) return Promise.resolve({ done: false, value: take() });
        if (ended) return Promise.resolve({ done: true, value: undefined });
        return new Promise<void>((resolve) => {
          wake = resolve;
        }).then(next);
      };
      return { next };
    },
  };
};
