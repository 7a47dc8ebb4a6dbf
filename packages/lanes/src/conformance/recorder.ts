/** Collects what happens and lets a test wait for it: no test needs to sleep. */
export interface Recorder<Item> {
  readonly items: readonly Item[];
  readonly push: (item: Item) => void;
  /** Resolves with all items once there are `count`. */
  count(count: number): Promise<readonly Item[]>;
  /** Resolves with the first item, earlier ones included, that fits. */
  first(fits: (item: Item) => boolean): Promise<Item>;
}

export const recorder = <Item>(): Recorder<Item> => {
  const items: Item[] = [];
  const waiting = new Set<() => void>();
  const until = <Result>(look: () => Result | undefined): Promise<Result> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return {
    items,
    push: (item) => {
      items.push(item);
      for (const check of waiting) check();
    },
    count: (count) => until(() => (items.length >= count ? items : undefined)),
    first: (fits) => until(() => items.find(fits)),
  };
};

/** Something that handlers wait for and the test opens. */
export interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

export const gate = (): Gate => {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};
