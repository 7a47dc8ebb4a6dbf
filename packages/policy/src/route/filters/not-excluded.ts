import type { Filter } from '../contract.ts';

/** Drops instances that already failed at this very work. */
export const notExcludedFilter: Filter = {
  name: 'not-excluded',
  keeps: (instance, request) => !request.excluded.has(instance.id),
};
