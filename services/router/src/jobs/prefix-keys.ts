import {
  blockDigests,
  type ModelFacts,
  type PrefixPrompt,
  routingKey,
} from '@isotherm/engine/text';
import type { Fleet } from '../fleet/fleet.ts';

/** Keys of the blocks of a prompt as prefill instances tell them; none where no instance keeps any. */
export const createPrefixKeys =
  (fleet: Pick<Fleet, 'blockTokens'>, facts: ModelFacts | undefined) =>
  (model: string, prompt: PrefixPrompt): readonly string[] => {
    const blockTokens = fleet.blockTokens(model);
    if (facts === undefined || blockTokens === 0) return [];
    const { placeholders, architecture } = facts;
    return blockDigests(prompt, { blockTokens, placeholders, architecture }).map(routingKey);
  };
