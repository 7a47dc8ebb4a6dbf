import { blockDigests, type PrefixPrompt, routingKey, type TextModel } from '@isotherm/engine/text';
import type { Fleet } from '../fleet/fleet.ts';

/** Keys of the blocks of a prompt as prefill instances tell them; none where no instance keeps any. */
export const createPrefixKeys = (
  fleet: Pick<Fleet, 'blockTokens'>,
  models: readonly Pick<TextModel, 'facts'>[],
) => {
  const factsOf = new Map(models.map(({ facts }) => [facts.name, facts]));
  return (model: string, prompt: PrefixPrompt): readonly string[] => {
    const blockTokens = fleet.blockTokens(model);
    const facts = factsOf.get(model);
    if (facts === undefined || blockTokens === 0) return [];
    const { placeholders, architecture } = facts;
    return blockDigests(prompt, { blockTokens, placeholders, architecture }).map(routingKey);
  };
};
