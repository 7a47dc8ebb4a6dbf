import type { Preference } from '../contract.ts';

/**
 * Drops instances that are to get no work at all: the thermal service tells so with shares that are all 0, when it has
 * slowed one down to its least. Kept only where no other one can do the work, however much that one has to do.
 */
export const notStoppedFilter: Preference = {
  name: 'not-stopped',
  patience: Infinity,
  keeps: ({ headroom }) =>
    headroom === undefined ||
    headroom.powerShare > 0 ||
    headroom.coreShare > 0 ||
    headroom.memoryShare > 0,
};
