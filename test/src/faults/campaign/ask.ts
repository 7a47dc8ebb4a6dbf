import { Metadata } from '@grpc/grpc-js';
import type { Fault } from '@isotherm/kernel';
import type { GenerateRequestInput } from '@isotherm/proto';
import { faultCodeKey } from '@isotherm/rpc';
import { imagePart, textPart } from '../../harness/chat.ts';
import { generate } from '../../harness/generate.ts';
import type { LinkedDeployment } from '../link/linked-deployment.ts';

/** One question, in the form of either door. */
export interface Question {
  readonly request: GenerateRequestInput & { readonly maxTokens: number };
  readonly pictures: readonly Uint8Array[];
  readonly text: string;
}

/** How a request ended for its client. */
export type Ending =
  | { readonly kind: 'answered'; readonly text: string; readonly migrations: number }
  /** With an explicit error; `text` had come before. */
  | { readonly kind: 'refused'; readonly code: string; readonly text: string; readonly why: string }
  /** The connection broke without a word. */
  | { readonly kind: 'disconnected'; readonly text: string; readonly why: string };

export interface Asking {
  readonly grpc: string;
  readonly http: string;
  readonly door: 'grpc' | 'http';
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export const ask = (
  deployment: LinkedDeployment,
  question: Question,
  asking: Asking,
): Promise<Ending> =>
  asking.door === 'grpc' ? askGrpc(deployment, question, asking) : askHttp(question, asking);

const askGrpc = async (
  deployment: LinkedDeployment,
  { request }: Question,
  { grpc: address, timeoutMs, signal }: Asking,
): Promise<Ending> => {
  const answer = await generate(deployment, { ...request, timeoutMs }, { address, signal });
  if (answer.kind === 'answered') {
    return { kind: 'answered', text: answer.text, migrations: answer.finished.migrations };
  }
  const { text, fault } = answer;
  const { code, message: why } = fault;
  return saidByRouter(fault)
    ? { kind: 'refused', code, text, why }
    : { kind: 'disconnected', text, why };
};

/** gRPC makes a status of its own where a connection broke; what a router says names its code. */
const saidByRouter = ({ cause }: Fault): boolean =>
  cause instanceof Error &&
  'metadata' in cause &&
  cause.metadata instanceof Metadata &&
  cause.metadata.get(faultCodeKey).length > 0;

interface Chunk {
  readonly choices?: readonly [{ readonly delta: { readonly content?: string } }?];
  readonly error?: { readonly code: string; readonly message: string };
}

const askHttp = async (question: Question, asking: Asking): Promise<Ending> => {
  let text = '';
  try {
    const response = await fetch(`${asking.http}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-isotherm-timeout-ms': `${asking.timeoutMs}`,
      },
      body: JSON.stringify(bodyOf(question)),
      signal: asking.signal,
    });
    if (!response.ok) {
      const { error } = (await response.json()) as Chunk;
      if (error === undefined) throw new Error(`Status ${response.status} without an error.`);
      return { kind: 'refused', code: error.code, text, why: error.message };
    }
    const decoder = new TextDecoder();
    let rest = '';
    for await (const piece of response.body ?? []) {
      const events = (rest + decoder.decode(piece as Uint8Array, { stream: true })).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = event.replace(/^data: /, '');
        if (data === '[DONE]') return { kind: 'answered', text, migrations: 0 };
        const { choices, error } = JSON.parse(data) as Chunk;
        if (error !== undefined) {
          return { kind: 'refused', code: error.code, text, why: error.message };
        }
        text += choices?.[0]?.delta.content ?? '';
      }
    }
    return { kind: 'disconnected', text, why: 'The stream ended without [DONE].' };
  } catch (error) {
    return { kind: 'disconnected', text, why: String(error) };
  }
};

const bodyOf = ({ request, pictures, text }: Question): object => ({
  messages: [
    { role: 'user', content: [...pictures.map((bytes) => imagePart(bytes)), textPart(text)] },
  ],
  max_tokens: request.maxTokens,
  stream: true,
  ...(request.logitBias !== undefined && { logit_bias: request.logitBias }),
});
