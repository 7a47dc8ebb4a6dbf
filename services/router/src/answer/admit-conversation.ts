import { imageFormatOf, imageFormats } from '@isotherm/engine/media';
import type { Conversation, ConversationPart } from '@isotherm/engine/upstream';
import type { RequestId } from '@isotherm/kernel';
import type { RequestTokens } from '@isotherm/policy';
import type { RouterSettings } from '../settings.ts';
import { type AdmissionBounds, checkMedia, deadlineMsOf } from './admit.ts';
import type { ChatMessage, ChatPart, ChatRequest } from './chat.ts';
import type { ModelChoice } from './models.ts';

/** A request for a model that a server runs: checked as far as can be without that model. */
export interface AdmittedConversation {
  readonly id: RequestId;
  readonly model: string;
  readonly path: 'whole' | 'pair';
  readonly conversation: Conversation;
  /** What it counts for until the server has counted: prompt, and the answer's bound. */
  readonly estimate: RequestTokens;
  /** Unix time in milliseconds. */
  readonly deadlineMs: number;
}

/** Checks media and bounds of a request for a server's model. Throws a Fault. */
export const admitConversation = async (
  id: RequestId,
  chat: ChatRequest,
  choice: Extract<ModelChoice, { kind: 'upstream' }>,
  bounds: AdmissionBounds & Pick<RouterSettings, 'answerTokensDefault'>,
): Promise<AdmittedConversation> => {
  await checkMedia(chat, bounds);
  const answerTokens = chat.tokensMax ?? bounds.answerTokensDefault;
  return {
    id,
    model: choice.model,
    path: choice.path,
    conversation: {
      messages: chat.messages.map(({ role, parts }) => ({ role, parts: parts.map(partOf) })),
      parameters: parametersOf(chat, answerTokens),
    },
    estimate: { ...estimateTokens(chat.messages), generated: 0, answerMax: answerTokens },
    deadlineMs: deadlineMsOf(chat, bounds),
  };
};

const partOf = (part: ChatPart): ConversationPart => {
  if (part.kind === 'text') return { kind: 'text', text: part.text };
  const { kind, bytes, param } = part;
  return { kind, bytes, param, mimeType: imageFormats[imageFormatOf(bytes)][0] };
};

/** By OpenAI's names; what a client left out is left to what this system says it is, not to the server. */
const parametersOf = (chat: ChatRequest, answerTokens: number): Conversation['parameters'] => ({
  max_tokens: answerTokens,
  temperature: chat.temperature,
  top_p: chat.topP,
  ...(chat.seed !== undefined && { seed: chat.seed }),
});

/** Bytes of English text that make a token, about. */
const bytesPerToken = 4;
/** Marks around a message. */
const tokensPerMessage = 4;
/** A picture, a sound or a clip: servers make a hundred to a few thousand tokens of one. */
const tokensPerFile = 512;

/** Good enough to weigh one request against another; never used to refuse one. */
export const estimateTokens = (
  messages: readonly ChatMessage[],
): Pick<RequestTokens, 'text' | 'media'> => {
  const parts = messages.flatMap((message) => message.parts);
  const texts = parts.filter((part) => part.kind === 'text');
  return {
    text: texts
      .map(({ text }) => estimateTextTokens(text))
      .reduce((sum, tokens) => sum + tokens, messages.length * tokensPerMessage),
    media: (parts.length - texts.length) * tokensPerFile,
  };
};

export const estimateTextTokens = (text: string): number =>
  Math.ceil(Buffer.byteLength(text) / bytesPerToken);
