import type { Modality } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import type { GenerateRequest, Message, Part } from '@isotherm/proto';
import type { AnswerFormat, ChatMessage, ChatPart, ChatRequest } from '../answer/chat.ts';
import { parseSloClass, parseTenant } from '../admission/who-asks.ts';
import { checkPartCount } from '../answer/chat-bounds.ts';
import { checkText } from '../answer/check-text.ts';
import { samplingOfGenerate, stopOfGenerate } from './sampling-of-generate.ts';

const roles = ['system', 'user', 'assistant'] as const;

/** A gRPC request as a chat request. Throws `invalid_argument` naming the field as the .proto file spells it. */
export const chatOfGenerate = (
  request: GenerateRequest,
  callDeadlineMs: number | undefined,
): ChatRequest => {
  const ownDeadlineMs = request.timeoutMs === 0 ? undefined : Date.now() + request.timeoutMs;
  return {
    model: request.model,
    messages: chatMessagesOf(request.messages),
    tokensMax: request.maxTokens === 0 ? undefined : request.maxTokens,
    sampling: samplingOfGenerate(request),
    seed: request.seed,
    stop: stopOfGenerate(request),
    format: formatOfGenerate(request),
    deadlineMs: earlier(ownDeadlineMs, callDeadlineMs),
    ...(request.tenant !== '' && { tenant: parseTenant(request.tenant, 'tenant') }),
    ...(request.sloClass !== '' && { sloClass: parseSloClass(request.sloClass, 'slo_class') }),
  };
};

/** The messages of a request. Throws `invalid_argument` as `chatOfGenerate` does. */
export const chatMessagesOf = (messages: readonly Message[]): readonly ChatMessage[] => {
  if (messages.length === 0) throw invalid('messages', 'must hold at least one message');
  checkPartCount(messages, ({ parts }) => parts.length);
  return messages.map(message);
};

const formatOfGenerate = (request: GenerateRequest): AnswerFormat | undefined => {
  switch (request.responseFormat) {
    case undefined:
      return undefined;
    case 'jsonObject':
      return request.jsonObject === true
        ? { grammar: { kind: 'jsonObject' }, param: 'json_object' }
        : undefined;
    case 'jsonSchema': {
      const { jsonSchema: schema = '' } = request;
      return { grammar: { kind: 'jsonSchema', schema }, param: 'json_schema' };
    }
    default:
      return request.responseFormat satisfies never;
  }
};

const message = (given: Message, index: number): ChatMessage => {
  const param = `messages[${index}]`;
  const role = roles.find((known) => known === given.role);
  if (role === undefined) {
    throw invalid(
      `${param}.role`,
      `must be one of ${roles.join(', ')}, not "${given.role.slice(0, 80)}"`,
    );
  }
  if (given.parts.length === 0) throw invalid(`${param}.parts`, 'must hold at least one part');
  return { role, param, parts: given.parts.map((one, i) => part(one, `${param}.parts[${i}]`)) };
};

const part = (given: Part, param: string): ChatPart => {
  switch (given.part) {
    case 'text':
      return { kind: 'text', text: checkText(given.text ?? '', param), param };
    case 'image':
      return file('image', given.image, param);
    case 'audio':
      return file('audio', given.audio, param);
    case 'video':
      return file('video', given.video, param);
    case 'frames': {
      const frames = given.frames?.frames ?? [];
      if (frames.length === 0) throw invalid(param, 'must hold at least one frame');
      return { kind: 'frames', modality: 'video', frames, param };
    }
    case undefined:
      throw invalid(param, 'must be a text, an image, a sound or a clip');
    default:
      return given.part satisfies never;
  }
};

const file = (modality: Modality, bytes: Uint8Array | undefined, param: string): ChatPart => ({
  kind: 'file',
  modality,
  bytes: bytes ?? new Uint8Array(),
  mimeType: undefined,
  param,
});

const invalid = (param: string, problem: string): Fault =>
  new Fault('invalid_argument', `${param} ${problem}.`, { param });

const earlier = (a: number | undefined, b: number | undefined): number | undefined => {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
};
