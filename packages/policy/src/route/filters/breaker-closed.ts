import type { Filter } from '../contract.ts';

/** Leaves alone what has failed too often lately, but for a few jobs that try whether it works again. */
export const breakerClosedFilter: Filter = {
  name: 'breaker-closed',
  keeps: (instance) => instance.tripped !== true,
};
