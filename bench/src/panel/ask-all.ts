import { basename } from 'node:path';
import { shippedModelDir, startLocalStack } from '@isotherm/stack';
import { chatBody } from '../client/chat-body.ts';
import { createChatClient } from '../client/chat-client.ts';
import { say } from '../report/result.ts';
import type { HeldOut } from './question-set.ts';

/** Long enough for every answer of the model; a description has about 60 tokens. */
export const answerTokensMax = 128;

export interface AskOptions {
  readonly redisUrl: string;
  /** Folder of the model; the one that ships first if not given. */
  readonly modelDir?: string;
  readonly precision: 'fp32' | 'int8';
  /** Requests in flight. */
  readonly inFlight: number;
}

export type Given =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface AskedAll {
  /** In the order of the questions. */
  readonly given: readonly Given[];
  readonly seconds: number;
  /** Most sequences that shared a decode step. */
  readonly decodeBatchMax: number;
}

/** Starts router, encoder, prefill and decode as processes and asks all questions, many at once. */
export const askServices = async (
  questions: readonly HeldOut[],
  { redisUrl, modelDir = shippedModelDir, precision, inFlight }: AskOptions,
): Promise<AskedAll> => {
  const stack = await startLocalStack({
    redisUrl,
    settings: {
      ISOTHERM_PREFIX: `bench-${basename(modelDir)}-${precision}-${process.pid}`,
      ISOTHERM_MODEL_DIR: modelDir,
      ISOTHERM_PRECISION: precision,
    },
  });
  const client = createChatClient({ baseUrl: stack.http, connectionsMax: inFlight });
  const given: Given[] = [];
  let decodeBatchMax = 0;
  const ask = async ({ question: text, media }: HeldOut, index: number): Promise<void> => {
    const asked = { text, tokensMax: answerTokensMax, media };
    try {
      const answer = await client.ask(chatBody(asked));
      given[index] = { kind: 'text', text: answer.text };
      const decode = answer.stages.find(({ stage }) => stage === 'decode');
      decodeBatchMax = Math.max(decodeBatchMax, decode?.batch ?? 0);
    } catch (error) {
      given[index] = { kind: 'failed', reason: String(error) };
    }
  };
  try {
    const startMs = performance.now();
    const queue = questions.entries();
    const workers = Array.from({ length: inFlight }, async () => {
      for (const [index, question] of queue) await ask(question, index);
    });
    await Promise.all(workers);
    const seconds = (performance.now() - startMs) / 1000;
    say(
      `  ${basename(modelDir)}, ${precision}: ${questions.length} questions in ${seconds.toFixed(1)} s`,
    );
    return { given, seconds, decodeBatchMax };
  } finally {
    client.close();
    await stack.stop();
  }
};
