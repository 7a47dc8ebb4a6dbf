import { randomInt } from 'node:crypto';
import { expressionOfGrammar, type PromptMessage, type TextModel } from '@isotherm/engine/text';
import { Fault, type RequestId } from '@isotherm/kernel';
import type { MakePrompt } from '../aside/aside.ts';
import type { RouterSettings } from '../settings.ts';
import { checkCounts, inspectPart, type MediaBounds, type MediumPart } from './admit-medium.ts';
import type { AdmittedRequest } from './admitted-request.ts';
import type { ChatMessage, ChatRequest } from './chat.ts';

/** Bounds of every request, whoever runs its model. */
export type AdmissionBounds = MediaBounds &
  Pick<RouterSettings, 'requestTimeoutMs' | 'requestTimeoutMsMax'>;

/** Validates a chat request against a model, counts its tokens and gives it its bounds. Throws a Fault. */
export const admit = async (
  id: RequestId,
  chat: ChatRequest,
  model: TextModel,
  bounds: AdmissionBounds & Pick<RouterSettings, 'answerTokensDefault'>,
  makePrompt: MakePrompt,
  signal: AbortSignal,
): Promise<AdmittedRequest> => {
  const { name, contextMax } = model.facts;
  const { media, messages } = await checkMedia(chat, bounds, model);
  const prompt = await makePrompt(model, messages, signal);
  const room = contextMax - prompt.tokenIds.length;
  if (room < 1) {
    throw new Fault(
      'context_length_exceeded',
      `The prompt has ${prompt.tokenIds.length} tokens; "${name}" takes ${contextMax} with the answer.`,
      { param: 'messages' },
    );
  }
  if (chat.tokensMax !== undefined && chat.tokensMax > room) {
    throw new Fault(
      'context_length_exceeded',
      `The prompt has ${prompt.tokenIds.length} tokens, which leaves ${room} of ${contextMax} for the ` +
        `answer; max_tokens asks for ${chat.tokensMax}.`,
      { param: 'max_tokens' },
    );
  }
  refuseUnknownTokens(chat, model.facts.vocabularySize);
  refuseFormat(chat, model);
  return {
    id,
    model: name,
    tokenIds: prompt.tokenIds,
    textTokens: prompt.textTokens,
    architecture: model.facts.architecture,
    media: media.map((part, index) => ({ ...part, tokens: prompt.mediaTokens[index] ?? 0 })),
    tokensMax: chat.tokensMax ?? Math.min(bounds.answerTokensDefault, room),
    sampling: { ...chat.sampling, seed: chat.seed ?? randomInt(2 ** 32) },
    stop: chat.stop,
    grammar: chat.format?.grammar,
    deadlineMs: deadlineMsOf(chat, bounds),
  };
};

/**
 * Checks number, size and headers of all media, and against the model's rule where the model is known. Throws a Fault
 * at the field of the one that is refused.
 */
export const checkMedia = async (
  chat: Pick<ChatRequest, 'messages'>,
  bounds: MediaBounds,
  model?: TextModel,
): Promise<{
  readonly media: readonly MediumPart[];
  readonly messages: readonly PromptMessage[];
}> => {
  const media = chat.messages.flatMap(({ parts }) =>
    parts.filter((part): part is MediumPart => part.kind !== 'text'),
  );
  checkCounts(media, bounds);
  const messages = await Promise.all(
    chat.messages.map((message) => promptMessage(message, bounds, model)),
  );
  return { media, messages };
};

/** A schema is compiled here too, before anything is done for the request: its faults are the client's. */
const refuseFormat = ({ format }: ChatRequest, model: TextModel): void => {
  if (format === undefined) return;
  const { grammar, param } = format;
  if (!model.takesGrammars) {
    const message = `"${model.facts.name}" cannot hold its answers to JSON.`;
    throw new Fault('unsupported', message, { param });
  }
  expressionOfGrammar(grammar, param);
};

const refuseUnknownTokens = ({ sampling }: ChatRequest, vocabularySize: number): void => {
  const unknown = Object.keys(sampling.logitBias ?? {}).find((id) => Number(id) >= vocabularySize);
  if (unknown === undefined) return;
  const message = `logit_bias names token ${unknown}; the model has ${vocabularySize}.`;
  throw new Fault('invalid_argument', message, { param: 'logit_bias' });
};

/** A client's deadline, cut to what the router allows: timers and gRPC deadlines end at 2^31 ms. */
export const deadlineMsOf = ({ deadlineMs }: ChatRequest, bounds: AdmissionBounds): number => {
  const nowMs = Date.now();
  return Math.min(
    deadlineMs ?? nowMs + bounds.requestTimeoutMs,
    nowMs + bounds.requestTimeoutMsMax,
  );
};

const promptMessage = async (
  message: ChatMessage,
  bounds: MediaBounds,
  model: TextModel | undefined,
): Promise<PromptMessage> => ({
  role: message.role,
  parts: await Promise.all(
    message.parts.map(async (part) =>
      part.kind === 'text' ? part : inspectPart(part, bounds, model),
    ),
  ),
});
