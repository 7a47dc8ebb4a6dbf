import type { Filter } from '../contract.ts';

/** Keeps instances that serve the model at the wanted stage, from what the work comes as. */
export const servesModelFilter: Filter = {
  name: 'serves-model',
  keeps: (instance, request) =>
    instance.stage === request.stage &&
    instance.model === request.model &&
    (instance.takes ?? 'tensors') === (request.takes ?? 'tensors'),
};
