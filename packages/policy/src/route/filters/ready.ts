import type { Filter } from '../contract.ts';

/** Keeps instances whose event stream is open and that neither drain nor have an engine that is away. */
export const readyFilter: Filter = {
  name: 'ready',
  keeps: (instance) => instance.ready,
};
