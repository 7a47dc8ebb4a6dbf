import {
  type DecodeEngine,
  onnxDecodeEngine,
  onnxEncodeEngine,
  onnxPrefillEngine,
  type PrefillEngine,
  profileDecodeEngine,
  type ProfileOptions,
  profilePrefillEngine,
} from '@isotherm/engine';
import { inspectImage } from '@isotherm/engine/media';
import { createProfileTextModel } from '@isotherm/engine/profile';
import { loadTextModel, type PromptPart, type TextModel } from '@isotherm/engine/text';
import type { Question } from '../client/chat-body.ts';

/** An answer made without the fabric, with the same two times as a streamed one. */
export interface DirectAnswer {
  readonly text: string;
  readonly tokens: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * "The same engine in one process": the engines that the services host, called one after the other by this process.
 * Prompt, encode, prefill, decode and detokenization are the same code; queue, network and services are left out.
 */
export interface DirectEngine {
  answer(question: Question): Promise<DirectAnswer>;
  close(): Promise<void>;
}

type Encode = (image: Uint8Array, tokens: number) => Promise<Embedding>;
type Embedding = Parameters<PrefillEngine['prefill']>[0]['embeddings'][number];

interface Engines {
  readonly text: TextModel;
  readonly encode: Encode;
  readonly prefill: PrefillEngine;
  readonly decode: DecodeEngine;
  close(): Promise<void>;
}

/** Engines that take given times; texts only. */
export const directProfile = (profile: ProfileOptions): DirectEngine => {
  const prefill = profilePrefillEngine(profile);
  const decode = profileDecodeEngine(profile);
  return direct({
    text: createProfileTextModel(profile),
    encode: () => Promise.reject(new Error('A profile is measured with texts only.')),
    prefill,
    decode,
    close: async () => {
      await Promise.all([prefill.close(), decode.close()]);
    },
  });
};

/** The graphs of a model folder, on worker threads as in the services. */
export const directOnnx = async (modelDir: string): Promise<DirectEngine> => {
  const options = { modelDir, precision: 'fp32', threads: 1 } as const;
  const text = await loadTextModel(modelDir);
  const { contextMax } = text.facts;
  const [encode, prefill, decode] = await Promise.all([
    onnxEncodeEngine({ ...options, batchMax: 1 }),
    onnxPrefillEngine(options),
    onnxDecodeEngine({ ...options, slots: 32, contextMax }),
  ]);
  return direct({
    text,
    encode: async (bytes, tokens) => {
      // The engine takes the bytes over to its thread.
      const media = [
        {
          kind: 'file' as const,
          modality: 'image',
          bytes: Uint8Array.from(bytes),
          tokens,
        } as const,
      ];
      const [outcome] = await encode.encode(media, never);
      if (outcome?.kind !== 'done') throw new Error('The picture was not encoded.');
      return outcome.value;
    },
    prefill,
    decode,
    close: async () => {
      await Promise.all([encode.close(), prefill.close(), decode.close()]);
    },
  });
};

const greedy = { temperature: 0, topP: 1, seed: 0 };
const never = new AbortController().signal;

const direct = (engines: Engines): DirectEngine => ({
  answer: async ({ text: asked, image, tokensMax }) => {
    const { text: model, encode, prefill, decode } = engines;
    const startMs = performance.now();
    const sinceMs = (): number => performance.now() - startMs;
    const parts: PromptPart[] = [{ kind: 'text', text: asked }];
    if (image !== undefined) parts.unshift({ kind: 'image', ...(await inspectImage(image)) });
    const prompt = model.prompt([{ role: 'user', parts }]);
    const embeddings = image === undefined ? [] : [await encode(image, prompt.mediaTokens[0] ?? 0)];
    const input = { tokenIds: prompt.tokenIds, embeddings, sampling: greedy, tokenIndex: 0 };
    const first = await prefill.prefill(input, never);
    const heard = listen(model.detokenizer(), sinceMs);
    if (!first.endOfText) heard.push(first.token);
    if (!first.endOfText && tokensMax > 1) {
      const { token, kvCache } = first;
      const start = { kvCache, token, tokenIndex: 0, tokensMax: tokensMax - 1, sampling: greedy };
      await decode.join('direct', start);
      for (let ended = false; !ended;) {
        for (const step of await decode.step()) {
          ended = step.finish !== undefined;
          if (step.finish !== 'endOfText') heard.push(step.token);
        }
      }
    }
    return heard.end();
  },
  close: () => engines.close(),
});

/** Turns tokens into text as the router does; text counts from when it has come out. */
const listen = (
  detokenizer: ReturnType<TextModel['detokenizer']>,
  sinceMs: () => number,
): { push(token: number): void; end(): DirectAnswer } => {
  let text = '';
  let tokens = 0;
  let firstMs: number | undefined;
  let lastMs = 0;
  const hear = (piece: string): void => {
    if (piece === '') return;
    lastMs = sinceMs();
    firstMs ??= lastMs;
    text += piece;
  };
  return {
    push: (token) => {
      tokens += 1;
      hear(detokenizer.push(token));
    },
    end: () => {
      hear(detokenizer.end());
      firstMs ??= lastMs = sinceMs();
      return { text, tokens, firstMs, lastMs };
    },
  };
};
