import { randomInt } from 'node:crypto';
import { checkDeclaredType, inspectImage } from '@isotherm/engine/media';
import type { PromptMessage, PromptPart, TextModel } from '@isotherm/engine/text';
import { Fault, type RequestId } from '@isotherm/kernel';
import type { RouterSettings } from '../settings.ts';
import type { AdmittedMedium, AdmittedRequest } from './admitted-request.ts';
import type { ChatMessage, ChatPart, ChatRequest } from './chat.ts';

/** Bounds of every request, whoever runs its model. */
export type AdmissionBounds = Pick<
  RouterSettings,
  'imagesMax' | 'imageBytesMax' | 'requestTimeoutMs' | 'requestTimeoutMsMax'
>;

type ImagePart = Extract<ChatPart, { kind: 'image' }>;

/** Validates a chat request against a model, counts its tokens and gives it its bounds. Throws a Fault. */
export const admit = async (
  id: RequestId,
  chat: ChatRequest,
  model: TextModel,
  bounds: AdmissionBounds & Pick<RouterSettings, 'answerTokensDefault'>,
): Promise<AdmittedRequest> => {
  const { name, contextMax } = model.facts;
  const { images, messages } = await checkMedia(chat, bounds);
  const prompt = model.prompt(messages);
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
  return {
    id,
    model: name,
    tokenIds: prompt.tokenIds,
    textTokens: prompt.textTokens,
    architecture: model.facts.architecture,
    media: images.map(({ bytes, param }, index): AdmittedMedium => ({
      kind: 'file',
      modality: 'image',
      bytes,
      param,
      tokens: prompt.mediaTokens[index] ?? 0,
    })),
    tokensMax: chat.tokensMax ?? Math.min(bounds.answerTokensDefault, room),
    sampling: { ...chat.sampling, seed: chat.seed ?? randomInt(2 ** 32) },
    stop: chat.stop,
    deadlineMs: deadlineMsOf(chat, bounds),
  };
};

/** Checks number, size and headers of all media, and gives the messages as a model's prompt takes them. */
export const checkMedia = async (
  chat: ChatRequest,
  bounds: AdmissionBounds,
): Promise<{
  readonly images: readonly ImagePart[];
  readonly messages: readonly PromptMessage[];
}> => {
  const parts = chat.messages.flatMap((message) => message.parts);
  const images = parts.filter((part): part is ImagePart => part.kind === 'image');
  if (images.length > bounds.imagesMax) {
    throw new Fault(
      'invalid_argument',
      `A request may hold ${bounds.imagesMax} images; this one holds ${images.length}.`,
      { param: images[bounds.imagesMax]?.param ?? 'messages' },
    );
  }
  const messages = await Promise.all(
    chat.messages.map((message) => promptMessage(message, bounds.imageBytesMax)),
  );
  return { images, messages };
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
  imageBytesMax: number,
): Promise<PromptMessage> => ({
  role: message.role,
  parts: await Promise.all(message.parts.map((part) => promptPart(part, imageBytesMax))),
});

const promptPart = async (part: ChatPart, imageBytesMax: number): Promise<PromptPart> => {
  if (part.kind === 'text') return part;
  try {
    if (part.bytes.length > imageBytesMax) {
      throw new Fault(
        'payload_too_large',
        `An image may have ${imageBytesMax} bytes; this one has ${part.bytes.length}.`,
      );
    }
    const inspected = await inspectImage(part.bytes);
    if (part.mimeType !== undefined) checkDeclaredType(part.mimeType, part.bytes);
    return { kind: 'image', widthPx: inspected.widthPx, heightPx: inspected.heightPx };
  } catch (error) {
    const fault = Fault.from(error);
    throw new Fault(fault.code, fault.message, { param: part.param, cause: fault });
  }
};
