import {
  blockDigests,
  type BlockOptions,
  type PrefixPrompt,
  type Prompt,
  type PromptMessage,
  routingKey,
  type TextModel,
} from '@isotherm/engine/text';
import { createExpendableWorker, workerModule } from '@isotherm/engine/thread';
import type { ChatCall } from '../http/chat-schema.ts';
import { parseBody } from '../http/parse-body.ts';
import type { RouterSettings } from '../settings.ts';
import type { AsideCalls, ModelSettings } from './aside-calls.ts';

export type AsideBounds = Pick<
  RouterSettings,
  'bodyBytesInPlaceMax' | 'textLengthInPlaceMax' | 'asideMsMax'
>;

/** Where a prompt is made of messages: the faults are those of `TextModel.prompt`. */
export type MakePrompt = (
  model: TextModel,
  messages: readonly PromptMessage[],
  signal?: AbortSignal,
) => Promise<Prompt>;

/**
 * What a request needs of the processor before it can be placed. A small one costs less than the way to another
 * thread and is done in place; a large one would hold up every stream of the router, and is done in a thread, one after
 * the other. Thread and its models start with the first large request.
 */
export interface Aside {
  /** Takes the body over. Faults: `invalid_argument`. */
  parse(body: Uint8Array, deadlineMs: number | undefined, signal: AbortSignal): Promise<ChatCall>;
  readonly prompt: MakePrompt;
  /** Keys of the blocks of a prompt, as prefill instances tell them. */
  prefixKeys(prompt: PrefixPrompt, blocks: BlockOptions): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What a message or a part counts for beside its characters. */
const charactersPerPart = 32;

export const createAside = (settings: ModelSettings & AsideBounds): Aside => {
  const { bodyBytesInPlaceMax, textLengthInPlaceMax, asideMsMax } = settings;
  const { engine, profile, profileFile, profileEntries, modelDir, modelDirs } = settings;
  const models = { engine, profile, profileFile, profileEntries, modelDir, modelDirs };
  const thread = createExpendableWorker<AsideCalls>({
    module: workerModule('aside-worker', import.meta.url),
    prepare: async (worker) => {
      await worker.call('open', models);
    },
    callMsMax: asideMsMax,
    broken: 'The request could not be read in time.',
  });
  return {
    parse: async (body, deadlineMs, signal) => {
      if (body.length <= bodyBytesInPlaceMax) return parseBody(body, deadlineMs);
      const { buffer } = body;
      // Node keeps small buffers in a common pool, which must not move.
      const alone = buffer instanceof ArrayBuffer && buffer.byteLength === body.byteLength;
      const transfer = alone ? [buffer] : [];
      return thread.call('parse', { body, deadlineMs }, { signal, transfer });
    },
    prompt: async (model, messages, signal) =>
      weightOf(messages) <= textLengthInPlaceMax
        ? model.prompt(messages)
        : thread.call('prompt', { model: model.facts.name, messages }, { signal }),
    prefixKeys: async (prompt, blocks) =>
      prompt.tokenIds.length <= textLengthInPlaceMax
        ? blockDigests(prompt, blocks).map(routingKey)
        : thread.call('prefixKeys', { prompt, blocks }),
    close: () => thread.close(),
  };
};

const weightOf = (messages: readonly PromptMessage[]): number => {
  let weight = 0;
  for (const { parts } of messages) {
    for (const part of parts) {
      weight += charactersPerPart + (part.kind === 'text' ? part.text.length : 0);
    }
  }
  return weight;
};
