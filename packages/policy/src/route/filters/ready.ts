import type { Filter } from '../contract.ts';

/** Keeps instances whose event stream is open and that are not draining. */
export const readyFilter: Filter = {
  name: 'ready',
  keeps: (instance) => instance.ready,
};
