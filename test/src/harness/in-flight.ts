/** Runs over all items with at most `most` at once; results in the order of the items. */
export const mapInFlight = async <Item, Value>(
  items: readonly Item[],
  most: number,
  run: (item: Item, index: number) => Promise<Value>,
): Promise<readonly Value[]> => {
  const results: Value[] = [];
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await run(item, index);
  };
  await Promise.all(Array.from({ length: most }, lane));
  return results;
};
