import { Fault } from '@isotherm/kernel';
import type { ModelCard, Models } from '../answer/models.ts';

/** The path of one model's entry; what follows is its name, encoded. */
export const modelPathHead = '/v1/models/';

/** OpenAI's list of models, with one field of our own: `isotherm` says what a model takes. */
export const modelList = (models: Models): object => ({
  object: 'list',
  data: models.cards.map(entryOf),
});

/** One entry of the list, by name or alias. Faults: `unknown_model`; `invalid_argument` for a name not encoded. */
export const modelEntry = (models: Models, path: string): object => {
  const name = decoded(path.slice(modelPathHead.length));
  const param = 'model';
  if (name === '') throw new Fault('invalid_argument', 'The model has no name.', { param });
  return entryOf(models.card(name));
};

/** Models have no date here; clients want a number. */
const entryOf = (card: ModelCard): object => ({
  id: card.name,
  object: 'model',
  created: 0,
  owned_by: 'isotherm',
  isotherm: {
    aliases: card.aliases,
    takes: card.modalities === undefined ? null : ['text', ...card.modalities],
    context_tokens: card.contextMax ?? null,
    runs_on: card.runsOn,
    ready: card.ready,
  },
});

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    const options = { param: 'model', cause: error };
    throw new Fault('invalid_argument', 'The name of the model is not percent-encoded.', options);
  }
};
