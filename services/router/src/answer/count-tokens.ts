import type { Modality, TextModel } from '@isotherm/engine/text';
import type { MakePrompt } from '../aside/aside.ts';
import { checkMedia } from './admit.ts';
import { estimateTokens } from './admit-conversation.ts';
import type { MediaBounds } from './admit-medium.ts';
import type { ChatMessage } from './chat.ts';
import type { Models } from './models.ts';

/** What a conversation would cost. */
export interface TokenCount {
  readonly model: string;
  readonly promptTokens: number;
  readonly mediaTokens: Readonly<Record<Modality, number>>;
  readonly contextMax: number | undefined;
  /** A model that a server runs is guessed by length. */
  readonly tokenCounts: 'exact' | 'estimated';
}

/** Counts as admission does, and runs nothing. Faults: those of admission for what is malformed or too long. */
export const countTokens = async (
  chat: { readonly model: string; readonly messages: readonly ChatMessage[] },
  models: Models,
  bounds: MediaBounds,
  makePrompt: MakePrompt,
): Promise<TokenCount> => {
  const choice = models.choose(chat.model);
  const mediaTokens: Record<Modality, number> = { image: 0, audio: 0, video: 0 };
  if (choice.kind === 'upstream') {
    await checkMedia(chat, bounds);
    const { text, media } = estimateTokens(chat.messages);
    const { contextMax } = models.card(choice.model);
    const counted = { promptTokens: text + media, mediaTokens, contextMax };
    return { model: choice.model, ...counted, tokenCounts: 'estimated' };
  }
  const model: TextModel = choice.model;
  const { media, messages } = await checkMedia(chat, bounds, model);
  const prompt = await makePrompt(model, messages);
  media.forEach(({ modality }, index) => {
    mediaTokens[modality] += prompt.mediaTokens[index] ?? 0;
  });
  const { name, contextMax } = model.facts;
  const promptTokens = prompt.tokenIds.length;
  return { model: name, promptTokens, mediaTokens, contextMax, tokenCounts: 'exact' };
};
