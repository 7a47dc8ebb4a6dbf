import type { Filter } from '../contract.ts';

/** Keeps instances that serve the model at the wanted stage. */
export const servesModelFilter: Filter = {
  name: 'serves-model',
  keeps: (instance, request) =>
    instance.stage === request.stage && instance.model === request.model,
};
