import type { Precision } from '../model-folder/precision.ts';
import { startWorker, workerModule } from '../thread/worker-client.ts';
import type {
  AnswerOptions,
  MonolithAnswer,
  MonolithCalls,
  MonolithMessage,
} from './monolith-calls.ts';

/** A whole model on one thread, one request at a time: the yardstick for the stages. */
export interface Monolith {
  answer(
    messages: readonly MonolithMessage[],
    options: AnswerOptions,
    signal?: AbortSignal,
  ): Promise<MonolithAnswer>;
  close(): Promise<void>;
}

export interface MonolithOptions {
  readonly modelDir: string;
  /** fp32 if not given. */
  readonly precision?: Precision;
}

/**
 * Loads a model into one thread. It shares the reading of the folder, of pictures and of text with the stages, and
 * nothing of how they run the decoder: batch 1, and each step's `present` is the next step's past.
 */
export const createMonolith = async (options: MonolithOptions): Promise<Monolith> => {
  const worker = startWorker<MonolithCalls>(workerModule('monolith-worker', import.meta.url));
  try {
    await worker.call('load', {
      modelDir: options.modelDir,
      precision: options.precision ?? 'fp32',
    });
  } catch (thrown) {
    await worker.close();
    throw thrown;
  }
  return {
    answer: (messages, answerOptions, signal) =>
      worker.call('answer', { messages, options: answerOptions }, { signal }),
    close: () => worker.close(),
  };
};
