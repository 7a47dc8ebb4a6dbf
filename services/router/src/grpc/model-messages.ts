import type { CountTokensResponseInput, ModelInput } from '@isotherm/proto';
import type { TokenCount } from '../answer/count-tokens.ts';
import type { ModelCard } from '../answer/models.ts';

export const modelOf = (card: ModelCard): ModelInput => ({
  name: card.name,
  aliases: [...card.aliases],
  takes: card.modalities === undefined ? [] : ['text', ...card.modalities],
  contextTokens: card.contextMax ?? 0,
  runsOn: card.runsOn,
  ready: card.ready,
});

export const countOf = (count: TokenCount): CountTokensResponseInput => ({
  model: count.model,
  promptTokens: count.promptTokens,
  imageTokens: count.mediaTokens.image,
  audioTokens: count.mediaTokens.audio,
  videoTokens: count.mediaTokens.video,
  contextTokens: count.contextMax ?? 0,
  tokenCounts: count.tokenCounts,
});
