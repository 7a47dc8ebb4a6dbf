import { mediaTypeOf } from '@isotherm/engine/media';
import { parseSchema } from '@isotherm/engine/text';
import type { Conversation, ConversationPart } from '@isotherm/engine/upstream';
import type { RequestId } from '@isotherm/kernel';
import type { RequestTokens } from '@isotherm/policy';
import type { RouterSettings } from '../settings.ts';
import { type AdmissionBounds, checkMedia, deadlineMsOf } from './admit.ts';
import type { AnswerFormat, ChatMessage, ChatPart, ChatRequest } from './chat.ts';
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
  const { modality, param } = part;
  if (part.kind === 'frames') return { kind: 'frames', frames: part.frames, param };
  return { kind: modality, bytes: part.bytes, param, mimeType: mediaTypeOf(modality, part.bytes) };
};

/**
 * By OpenAI's names, or vLLM's. What a client left out is left to what this system says it is, not to the server; what
 * changes nothing is not mentioned, since not every server knows it. The instance refuses what its server does not know.
 */
const parametersOf = (chat: ChatRequest, answerTokens: number): Conversation['parameters'] => {
  const { sampling, seed, stop } = chat;
  const { topK = 0, minP = 0, repetitionPenalty = 1 } = sampling;
  const { presencePenalty = 0, frequencyPenalty = 0, logitBias, topLogprobs } = sampling;
  return {
    max_tokens: answerTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    ...(seed !== undefined && { seed }),
    ...(topK !== 0 && { top_k: topK }),
    ...(minP !== 0 && { min_p: minP }),
    ...(repetitionPenalty !== 1 && { repetition_penalty: repetitionPenalty }),
    ...(presencePenalty !== 0 && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== 0 && { frequency_penalty: frequencyPenalty }),
    ...(logitBias !== undefined && { logit_bias: logitBias }),
    ...(stop.length > 0 && { stop }),
    ...(chat.format !== undefined && { response_format: responseFormatOf(chat.format) }),
    ...(topLogprobs !== undefined && { logprobs: true }),
    ...(topLogprobs !== undefined && topLogprobs > 0 && { top_logprobs: topLogprobs }),
  };
};

/** Which schemas it takes is for the server to say. */
const responseFormatOf = ({ grammar, param }: AnswerFormat): object => {
  if (grammar.kind === 'jsonObject') return { type: 'json_object' };
  const schema = parseSchema(grammar.schema, param);
  return { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } };
};

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
