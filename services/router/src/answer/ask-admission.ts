import { defaultTenant, type Demand } from '@isotherm/policy';
import type { Asking } from '../admission/gate-options.ts';
import type { AnswerPath } from '../admission/load-ledger.ts';
import type { AdmittedConversation } from './admit-conversation.ts';
import type { AdmittedRequest } from './admitted-request.ts';
import type { ChatPart, ChatRequest } from './chat.ts';

type Asked = Asking & { readonly model: string; readonly path: AnswerPath };

/** What admission is asked for a request whose tokens are counted. */
export const askFor = (chat: ChatRequest, request: AdmittedRequest): Asked => {
  const mediaTokens = request.media.reduce((sum, { tokens }) => sum + tokens, 0);
  const prompt = request.tokenIds.length;
  const promptTokens = request.textTokens + mediaTokens;
  const demand: Demand = {
    requests: 1,
    cost: promptTokens + request.tokensMax,
    encodeJobs: request.media.length,
    encodeTokens: mediaTokens,
    prefillTokens: prompt,
  };
  const { model, deadlineMs, tokenIds } = request;
  return {
    ...askedBy(chat),
    model,
    path: 'staged',
    demand,
    promptTokens,
    deadlineMs,
    bytes: mediaBytes(chat) + tokenIds.byteLength,
  };
};

/** The same for a model that a server runs: of its stages nothing is known here. */
export const askForConversation = (chat: ChatRequest, request: AdmittedConversation): Asked => {
  const { text, media, answerMax } = request.estimate;
  const demand: Demand = {
    ...{ requests: 1, cost: text + media + answerMax },
    ...{ encodeJobs: 0, encodeTokens: 0, prefillTokens: 0 },
  };
  const { model, path, deadlineMs } = request;
  const bytes = mediaBytes(chat) + text;
  return { ...askedBy(chat), model, path, demand, promptTokens: text + media, deadlineMs, bytes };
};

const askedBy = ({ tenant, sloClass }: ChatRequest): Pick<Asking, 'tenant' | 'sloClass'> => ({
  tenant: tenant ?? defaultTenant,
  sloClass: sloClass ?? 'standard',
});

const mediaBytes = ({ messages }: ChatRequest): number =>
  messages.flatMap(({ parts }) => parts).reduce((sum, part) => sum + bytesOf(part), 0);

/** Bytes of the media of a request, and characters of its texts. */
export const bytesOfChat = (chat: ChatRequest): number => {
  const parts = chat.messages.flatMap((message) => message.parts);
  return parts.reduce(
    (sum, part) => sum + (part.kind === 'text' ? part.text.length : bytesOf(part)),
    0,
  );
};

const bytesOf = (part: ChatPart): number => {
  switch (part.kind) {
    case 'text':
      return 0;
    case 'file':
      return part.bytes.byteLength;
    case 'frames':
      return part.frames.reduce((sum, frame) => sum + frame.byteLength, 0);
    default:
      return part satisfies never;
  }
};
