import type { PrefixPrompt, TextModel } from '@isotherm/engine/text';
import type { Aside } from '../aside/aside.ts';
import type { Fleet } from '../fleet/fleet.ts';

/** Keys of the blocks of a prompt as prefill instances tell them; none where no instance keeps any. */
export const createPrefixKeys = (
  fleet: Pick<Fleet, 'blockTokens'>,
  models: readonly Pick<TextModel, 'facts'>[],
  aside: Pick<Aside, 'prefixKeys'>,
) => {
  const factsOf = new Map(models.map(({ facts }) => [facts.name, facts]));
  return async (model: string, prompt: PrefixPrompt): Promise<readonly string[]> => {
    const blockTokens = fleet.blockTokens(model);
    const facts = factsOf.get(model);
    if (facts === undefined || blockTokens === 0) return [];
    const { placeholders, architecture } = facts;
    return aside.prefixKeys(prompt, { blockTokens, placeholders, architecture });
  };
};
