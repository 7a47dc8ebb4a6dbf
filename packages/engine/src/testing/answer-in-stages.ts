import type { Random } from '@isotherm/kernel';
import type {
  Embedding,
  EmbeddingName,
  EncodeEngine,
  PrefillEngine,
  PrefixMedium,
  Prompt,
  TextModel,
  TokenLogprobs,
} from '../contract.ts';
import { inspectMedium, type UncountedMedium } from '../media/inspect-medium.ts';
import type { OnnxDecodeEngine } from '../onnx/decode-engine.ts';
import type { Question } from './random-questions.ts';

const never = new AbortController().signal;

export interface Stages {
  readonly text: TextModel;
  readonly encode: EncodeEngine;
  readonly prefill: PrefillEngine;
  readonly decode: OnnxDecodeEngine;
}

/** A question with what prefill takes of it. */
export interface Prepared extends Question {
  readonly prompt: Prompt;
  readonly embeddings: readonly Embedding[];
  readonly media: readonly PrefixMedium[];
}

/** Counts a question's tokens and encodes its media. */
export const prepare = async ({ text, encode }: Stages, question: Question): Promise<Prepared> => {
  const given = question.message.parts.flatMap((part): readonly UncountedMedium[] => {
    if (part.kind === 'text') return [];
    if (part.kind === 'frames') return [{ ...part, modality: 'video' }];
    return [{ kind: 'file', modality: part.kind, bytes: part.bytes }];
  });
  const inspected = await Promise.all(given.map((medium) => inspectMedium(medium)));
  const sizes = inspected.values();
  const parts = question.message.parts.map((part) =>
    part.kind === 'text' ? part : (sizes.next().value ?? { kind: 'text' as const, text: '' }),
  );
  const prompt = text.prompt([{ role: question.message.role, parts }]);
  const media = given.map((medium, index) => ({
    ...medium,
    tokens: prompt.mediaTokens[index] ?? 0,
  }));
  const keys: string[] = [];
  const note = (index: number, { contentKey }: EmbeddingName): undefined => {
    keys[index] = contentKey;
  };
  const outcomes = media.length === 0 ? [] : await encode.encode(media, never, note);
  const embeddings = outcomes.map((outcome) => {
    if (outcome.kind === 'failed') throw outcome.fault;
    return outcome.value;
  });
  const named = media.map(({ tokens }, index) => ({ key: keys[index] ?? '', tokens }));
  return { ...question, prompt, embeddings, media: named };
};

/**
 * Answers all questions through the stages in one running batch. Sequences join whenever chance says so, and some are
 * thrown out in the middle of their answer, to be prefilled again with what they have said so far.
 */
export const answerAll = async (
  stages: Stages,
  questions: readonly Prepared[],
  random: Random,
): Promise<{
  readonly answers: readonly (readonly number[])[];
  readonly logprobs: readonly (readonly TokenLogprobs[])[];
  readonly widest: number;
  readonly migrations: number;
}> => {
  const answers: number[][] = questions.map(() => []);
  const logprobs: TokenLogprobs[][] = questions.map(() => []);
  const say = (index: number, token: number, own: TokenLogprobs | undefined): void => {
    answers[index]?.push(token);
    if (own !== undefined) logprobs[index]?.push(own);
  };
  const waiting = questions.map((_, index) => index);
  const running = new Set<number>();
  let widest = 0;
  let migrations = 0;

  const join = async (index: number): Promise<void> => {
    const question = questions[index];
    const answer = answers[index];
    if (question === undefined || answer === undefined) return;
    const { prompt, embeddings, media, sampling, grammar, tokensMax } = question;
    const tokenIndex = answer.length;
    const tokenIds = Int32Array.from([...prompt.tokenIds, ...answer]);
    const first = await stages.prefill.prefill(
      { tokenIds, embeddings, media, sampling, grammar, tokenIndex },
      never,
    );
    const { token, kvCache, history } = first;
    say(index, token, first.logprobs);
    if (first.endOfText || answer.length >= tokensMax) return;
    const left = tokensMax - answer.length;
    await stages.decode.join(String(index), {
      kvCache,
      token,
      tokenIndex,
      tokensMax: left,
      sampling,
      grammar,
      history,
    });
    running.add(index);
  };
  while (waiting.length > 0 || running.size > 0) {
    while (waiting.length > 0 && running.size < stages.decode.slots && random() < 0.95) {
      await join(waiting.shift() ?? 0);
    }
    widest = Math.max(widest, running.size);
    for (const step of await stages.decode.step()) {
      const { sequence, token, tokenIndex, finish } = step;
      const said = answers[Number(sequence)]?.length;
      if (tokenIndex !== said) throw new Error(`Token ${tokenIndex} came after ${said} tokens.`);
      say(Number(sequence), token, step.logprobs);
      if (finish !== undefined) running.delete(Number(sequence));
    }
    for (const index of [...running]) {
      if (random() >= 0.04) continue;
      await stages.decode.leave(String(index));
      running.delete(index);
      waiting.push(index);
      migrations += 1;
    }
  }
  return { answers, logprobs, widest, migrations };
};
