import { Fault } from '@isotherm/kernel';
import type { SloClassName } from '@isotherm/policy';
import { z } from 'zod';
import type { ChatMessage, ChatPart, ChatRequest } from '../answer/chat.ts';
import { checkPartCount } from '../answer/chat-bounds.ts';
import { checkText } from '../answer/check-text.ts';
import { parseBase64, parseDataUrl, parseFrameList } from './data-url.ts';
import { formatOfBody, responseFormat } from './response-format.ts';
import { samplingFields, samplingOfBody } from './sampling-fields.ts';

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() });
const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({
    url: z.string(),
    // How many tokens a picture has is the model's own rule: to take `low` would be to ignore it.
    detail: z.literal('auto').optional(),
  }),
});
const audioPart = z.strictObject({
  type: z.literal('input_audio'),
  input_audio: z.strictObject({
    data: z.string(),
    format: z.enum(['wav', 'flac', 'ogg', 'opus', 'mp3']),
  }),
});
const videoPart = z.strictObject({
  type: z.literal('video_url'),
  video_url: z.strictObject({ url: z.string() }),
});
const part = z.discriminatedUnion('type', [textPart, imagePart, audioPart, videoPart]);
const message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.union([z.string(), z.array(part).min(1)]),
});

/** The body of POST /v1/chat/completions. Fields that are not listed are refused by name, never ignored. */
const body = z.strictObject({
  model: z.string().max(256).default(''),
  messages: z.array(message).min(1),
  max_tokens: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .nullish(),
  max_completion_tokens: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .nullish(),
  ...samplingFields,
  response_format: responseFormat.nullish(),
  n: z.literal(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
  user: z.string().optional(),
  service_tier: z.enum(['auto', 'default', 'flex', 'priority']).nullish(),
});

export interface ChatCall {
  readonly chat: ChatRequest;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** Parses a body. Throws `invalid_argument` that names the field and what would be right. */
export const parseChatCall = (json: unknown, deadlineMs: number | undefined): ChatCall => {
  refuseTooManyParts(json);
  const parsed = body.safeParse(json);
  if (!parsed.success) throw faultOfIssue(parsed.error.issues[0]);
  const { data } = parsed;
  if (typeof data.top_logprobs === 'number' && data.logprobs !== true) {
    const message = 'top_logprobs: needs logprobs to be true.';
    throw new Fault('invalid_argument', message, { param: 'top_logprobs' });
  }
  return {
    stream: data.stream ?? false,
    includeUsage: data.stream_options?.include_usage ?? false,
    chat: {
      model: data.model,
      messages: data.messages.map(chatMessage),
      tokensMax: data.max_completion_tokens ?? data.max_tokens ?? undefined,
      sampling: samplingOfBody(data),
      seed: data.seed ?? undefined,
      format: formatOfBody(data.response_format),
      stop: typeof data.stop === 'string' ? [data.stop] : (data.stop ?? []),
      deadlineMs,
      ...(data.service_tier && { sloClass: classOfTier[data.service_tier] }),
    },
  };
};

/** OpenAI's tiers, as what they promise. */
const classOfTier = {
  auto: 'standard',
  default: 'standard',
  flex: 'batch',
  priority: 'interactive',
} as const satisfies Readonly<Record<string, SloClassName>>;

/** Before the schema is, which looks at each of them. */
const refuseTooManyParts = (json: unknown): void => {
  const messages = fieldOf(json, 'messages');
  if (!Array.isArray(messages)) return;
  checkPartCount<unknown>(messages, (message) => {
    const content = fieldOf(message, 'content');
    return Array.isArray(content) ? content.length : 1;
  });
};

const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;

const chatMessage = ({ role, content }: z.infer<typeof message>, index: number): ChatMessage => {
  const param = `messages[${index}].content`;
  if (typeof content === 'string') {
    return { role, param, parts: [{ kind: 'text', text: checkText(content, param), param }] };
  }
  return { role, param, parts: content.map((one, i) => chatPart(one, `${param}[${i}]`)) };
};

const chatPart = (given: z.infer<typeof part>, param: string): ChatPart => {
  switch (given.type) {
    case 'text':
      return { kind: 'text', text: checkText(given.text, `${param}.text`), param: `${param}.text` };
    case 'image_url': {
      const urlParam = `${param}.image_url.url`;
      const file = parseDataUrl(given.image_url.url, urlParam);
      return { kind: 'file', modality: 'image', ...file, param: urlParam };
    }
    case 'input_audio': {
      const dataParam = `${param}.input_audio.data`;
      const bytes = parseBase64(given.input_audio.data, dataParam);
      const mimeType = `audio/${given.input_audio.format}`;
      return { kind: 'file', modality: 'audio', bytes, mimeType, param: dataParam };
    }
    case 'video_url':
      return clipPart(given.video_url.url, `${param}.video_url.url`);
    default:
      return given satisfies never;
  }
};

/** A clip is a file, or (as vLLM takes it) a list of JPEG frames under the type video/jpeg. */
const clipPart = (url: string, param: string): ChatPart => {
  const frames = parseFrameList(url, param);
  if (frames !== undefined) return { kind: 'frames', modality: 'video', frames, param };
  return { kind: 'file', modality: 'video', ...parseDataUrl(url, param), param };
};

const faultOfIssue = (issue: z.core.$ZodIssue | undefined): Fault => {
  if (issue === undefined) return new Fault('invalid_argument', 'The body is not a chat request.');
  if (issue.code === 'unrecognized_keys') {
    const param = pathOf([...issue.path, issue.keys[0] ?? '']);
    return new Fault('invalid_argument', `The field ${param} is not supported.`, { param });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The alternative that got furthest into the value is the one that was meant.
    const [deepest] = issue.errors
      .flatMap((alternative) => alternative.slice(0, 1))
      .toSorted((a, b) => depthOf(b) - depthOf(a));
    if (deepest !== undefined && (deepest.path.length > 0 || deepest.code !== 'invalid_type')) {
      return faultOfIssue({ ...deepest, path: [...issue.path, ...deepest.path] });
    }
  }
  const param = pathOf(issue.path);
  const problem = issue.message
    .replace(/^Invalid input: /, '')
    .replace(/received undefined$/, 'but it is missing');
  return new Fault('invalid_argument', `${param === '' ? 'The body' : param}: ${problem}.`, {
    ...(param !== '' && { param }),
  });
};

/** How far an alternative got into a value: one that liked its type got further than one that did not. */
const depthOf = ({ path, code }: z.core.$ZodIssue): number =>
  path.length + (code === 'invalid_type' ? 0 : 0.5);

/** `messages[0].content[1].text`, as a client would write it. */
const pathOf = (path: readonly PropertyKey[]): string => shortened(spelled(path));

/** A name that nobody would write is not worth repeating in full. */
const shortened = (path: string): string =>
  path.length <= pathMax ? path : `${path.slice(0, pathMax)}…`;

const pathMax = 200;

const spelled = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === 'number'
        ? `${text}[${key}]`
        : text === ''
          ? String(key)
          : `${text}.${String(key)}`,
    '',
  );
