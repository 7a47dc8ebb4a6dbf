/** A queue with one reader, who gets all that is there at once; the loop ends when the queue does. */
export interface TokenQueue<Item> extends AsyncIterable<readonly Item[]> {
  push(item: Item): void;
  end(): void;
}

/**
 * Most that is given out at once, so that no piece of text is larger than a client takes (gRPC's take 4 MiB), and that of
 * a client who does not read there is a piece that waits.
 */
const togetherMaxDefault = 256;

/** Bounded by its writer: a decode job has a largest number of tokens. Gives out at most `togetherMax` at once, in order. */
export const createTokenQueue = <Item>(togetherMax = togetherMaxDefault): TokenQueue<Item> => {
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
