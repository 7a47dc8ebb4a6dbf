import { type Deadline, Metadata, type ServerWritableStream } from '@grpc/grpc-js';
import type {
  CountTokensRequest,
  CountTokensResponseInput,
  ExplainRequest,
  ExplainResponseInput,
  GenerateRequest,
  GenerateResponseInput,
  RouterDrainRequest,
  RouterGetStatusResponseInput,
} from '@isotherm/proto';
import {
  callSignal,
  protos,
  type ServedService,
  statusOf,
  unaryHandler,
  withCheckedText,
  writeMessage,
} from '@isotherm/rpc';
import { askedByHeaders } from '../admission/who-asks.ts';
import type { BatchDesk } from '../batch/batch-desk.ts';
import type { Responder } from '../answer/respond.ts';
import { messageOf } from './answer-messages.ts';
import { batchCalls } from './batch-calls.ts';
import { chatMessagesOf, chatOfGenerate } from './chat-of-generate.ts';
import { countOf, modelOf } from './model-messages.ts';

type GenerateCall = ServerWritableStream<GenerateRequest, GenerateResponseInput>;

/** What operators may ask of a router. */
export interface RouterControl {
  batches(): BatchDesk;
  status(): RouterGetStatusResponseInput;
  explain(requestId: string): ExplainResponseInput;
  /** Begins to drain; undefined takes the configured grace. */
  drain(graceMs: number | undefined): void;
}

/** RouterService: translation only. */
export const routerService = (responder: Responder, control: RouterControl): ServedService =>
  withCheckedText({
    definition: protos.isotherm.router.v1.RouterService.service,
    implementation: {
      Generate: (call: GenerateCall) => void generate(call, responder),
      CountTokens: unaryHandler((request: CountTokensRequest) => count(request, responder)),
      ListModels: unaryHandler(() => ({ models: responder.models.cards.map(modelOf) })),
      ...batchCalls(() => control.batches()),
      GetStatus: unaryHandler(() => control.status()),
      Drain: unaryHandler((request: RouterDrainRequest) => {
        control.drain(request.graceMs === 0 ? undefined : request.graceMs);
        return {};
      }),
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
      const asked = askedByHeaders((name) => call.metadata.get(name)[0]?.toString());
      const { events, signal } = await handling.open({ ...asked, ...chat });
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
