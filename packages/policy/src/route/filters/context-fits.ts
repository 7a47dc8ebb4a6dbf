import type { Filter } from '../contract.ts';

/** Keeps instances whose longest context holds the request. */
export const contextFitsFilter: Filter = {
  name: 'context-fits',
  keeps: (instance, request) => request.contextTokens <= instance.contextMax,
};
