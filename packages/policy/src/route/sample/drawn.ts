import type { Random } from '@isotherm/kernel';

/** Writes so many different items into `sample`: Floyd's algorithm, one draw for each, whatever their number. */
export const drawnInto = <Item>(
  sample: Item[],
  items: readonly Item[],
  count: number,
  random: Random,
): void => {
  let drawn = 0;
  for (let last = Math.max(0, items.length - count); last < items.length; last += 1) {
    const candidate = items[Math.floor(random() * (last + 1))] as Item;
    const at = sample.indexOf(candidate);
    sample[drawn] = at >= 0 && at < drawn ? (items[last] as Item) : candidate;
    drawn += 1;
  }
  shorten(sample, drawn);
};

/** Most often it is as long as it was: to empty a list and fill it again would be to allocate it again. */
export const shorten = (list: unknown[], length: number): void => {
  if (list.length > length) list.length = length;
};
