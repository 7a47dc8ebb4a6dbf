import { type Deadline, Metadata, type ServerWritableStream } from '@grpc/grpc-js';
import type {
  CountTokensRequest,
  CountTokensResponseInput,
  ExplainRequest,
  ExplainResponseInput,
  GenerateRequest,
  GenerateResponseInput,
  RouterGetStatusResponseInput,
  RouterTokenLogprobInput as TokenLogprobInput,
  StageTimeInput,
} from '@isotherm/proto';
import {
  callSignal,
  protos,
  type ServedService,
  statusOf,
  unaryHandler,
  writeMessage,
} from '@isotherm/rpc';
import type { SpelledLogprobs, SpelledToken } from '../answer/answer-text.ts';
import type { StageTime } from '../answer/flow.ts';
import type { Finished, Responder, ResponseEvent } from '../answer/respond.ts';
import { chatMessagesOf, chatOfGenerate } from './chat-of-generate.ts';
import { countOf, modelOf } from './model-messages.ts';

type GenerateCall = ServerWritableStream<GenerateRequest, GenerateResponseInput>;

/** What operators may ask of a router. */
export interface RouterControl {
  status(): RouterGetStatusResponseInput;
  explain(requestId: string): ExplainResponseInput;
}

/** RouterService: translation only. */
export const routerService = (responder: Responder, control: RouterControl): ServedService => ({
  definition: protos.isotherm.router.v1.RouterService.service,
  implementation: {
    Generate: (call: GenerateCall) => void generate(call, responder),
    CountTokens: unaryHandler((request: CountTokensRequest) => count(request, responder)),
    ListModels: unaryHandler(() => ({ models: responder.models.cards.map(modelOf) })),
    GetStatus: unaryHandler(() => control.status()),
    Explain: unaryHandler((request: ExplainRequest) => control.explain(request.requestId)),
  },
});

const generate = async (call: GenerateCall, responder: Responder): Promise<void> => {
  const gone = callSignal(call);
  try {
    await responder.handle(gone, async (handling) => {
      const metadata = new Metadata();
      metadata.set('x-request-id', handling.id);
      call.sendMetadata(metadata);
      const chat = chatOfGenerate(call.request, deadlineMsOf(call.getDeadline()));
      const { events, signal } = await handling.open(chat);
      for await (const event of events) await writeMessage(call, messageOf(event), signal);
    });
    call.end();
  } catch (error) {
    call.emit('error', statusOf(error));
  }
};

const count = async (
  { model, messages }: CountTokensRequest,
  responder: Responder,
): Promise<CountTokensResponseInput> => {
  let counted: CountTokensResponseInput = {};
  await responder.handle(never, async (handling) => {
    counted = countOf(await handling.count({ model, messages: chatMessagesOf(messages) }));
  });
  return counted;
};

/** Counting is done before a client could leave. */
const never = new AbortController().signal;

/** grpc-js gives Infinity for a call without a deadline. */
const deadlineMsOf = (deadline: Deadline): number | undefined => {
  const ms = deadline instanceof Date ? deadline.getTime() : deadline;
  return Number.isFinite(ms) ? ms : undefined;
};

const messageOf = (event: ResponseEvent): GenerateResponseInput => {
  switch (event.kind) {
    case 'text':
      return { text: { text: event.text, logprobs: event.logprobs.map(logprobOf) } };
    case 'finished':
      return { finished: finishedOf(event) };
    default:
      return event satisfies never;
  }
};

const logprobOf = ({ top, ...token }: SpelledLogprobs): TokenLogprobInput => ({
  ...spelledOf(token),
  top: top.map(spelledOf),
});

const spelledOf = ({ id, ...token }: SpelledToken): TokenLogprobInput => ({ token: id, ...token });

const finishedOf = (event: Finished): NonNullable<GenerateResponseInput['finished']> => ({
  requestId: event.requestId,
  model: event.model,
  finishReason: event.reason,
  usage: {
    promptTokens: event.promptTokens,
    completionTokens: event.completionTokens,
    imageTokens: event.mediaTokens.image,
    audioTokens: event.mediaTokens.audio,
    videoTokens: event.mediaTokens.video,
    cachedTokens: event.cachedTokens,
  },
  stages: event.stages.map(stageTimeOf),
  migrations: event.migrations,
  tokenCounts: event.tokenCounts,
});

const stageTimeOf = ({ stage, instance, totalMs, tokens, timing }: StageTime): StageTimeInput => ({
  stage,
  instanceId: instance,
  totalMs,
  tokens,
  ...timing,
});
