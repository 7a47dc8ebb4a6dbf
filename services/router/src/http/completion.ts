import type { StageTime } from '../answer/flow.ts';
import type { AnswerPiece, SpelledLogprobs, SpelledToken } from '../answer/answer-text.ts';
import type { Finished } from '../answer/respond.ts';

/** OpenAI's response objects, with one field of our own: `isotherm` says where the time went. */
export interface CompletionHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** `logprobs` is null where the client did not ask for any. */
export const completion = (
  head: CompletionHead,
  text: string,
  logprobs: readonly SpelledLogprobs[] | null,
  finished: Finished,
): object => ({
  id: head.id,
  object: 'chat.completion',
  created: head.created,
  model: head.model,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: text, refusal: null },
      logprobs: logprobs && { content: logprobs.map(logprobsOf), refusal: null },
      finish_reason: finished.reason,
    },
  ],
  usage: usage(finished),
  isotherm: facts(finished),
});

export const chunk = (
  head: CompletionHead,
  delta: { readonly role?: 'assistant'; readonly content?: string },
  options: {
    readonly finishReason?: 'stop' | 'length';
    readonly logprobs?: AnswerPiece['logprobs'];
  } = {},
): object => ({
  id: head.id,
  object: 'chat.completion.chunk',
  created: head.created,
  model: head.model,
  choices: [
    {
      index: 0,
      delta,
      logprobs:
        options.logprobs === undefined
          ? null
          : { content: options.logprobs.map(logprobsOf), refusal: null },
      finish_reason: options.finishReason ?? null,
    },
  ],
});

const logprobsOf = ({ top, ...token }: SpelledLogprobs): object => ({
  ...spelledOf(token),
  top_logprobs: top.map(spelledOf),
});

const spelledOf = ({ text, logprob, bytes }: SpelledToken): object => ({
  token: text,
  logprob,
  bytes: [...bytes],
});

/** The last chunk of a stream whose client asked for usage: no choices. */
export const usageChunk = (head: CompletionHead, finished: Finished): object => ({
  id: head.id,
  object: 'chat.completion.chunk',
  created: head.created,
  model: head.model,
  choices: [],
  usage: usage(finished),
  isotherm: facts(finished),
});

const usage = (finished: Finished): object => ({
  prompt_tokens: finished.promptTokens,
  completion_tokens: finished.completionTokens,
  total_tokens: finished.promptTokens + finished.completionTokens,
  prompt_tokens_details: {
    cached_tokens: finished.cachedTokens,
    image_tokens: finished.mediaTokens.image,
    audio_tokens: finished.mediaTokens.audio,
    video_tokens: finished.mediaTokens.video,
  },
});

const facts = (finished: Finished): object => ({
  token_counts: finished.tokenCounts,
  migrations: finished.migrations,
  stages: finished.stages.map(stageFacts),
});

const stageFacts = ({ stage, instance, totalMs, tokens, timing }: StageTime): object => ({
  stage,
  instance,
  tokens,
  total_ms: round(totalMs),
  lane_wait_ms: round(timing?.laneWaitMs ?? 0),
  pull_ms: round(timing?.pullMs ?? 0),
  queue_ms: round(timing?.queueMs ?? 0),
  engine_ms: round(timing?.engineMs ?? 0),
  batch: timing?.batch ?? 1,
  cached_tokens: timing?.cachedTokens ?? 0,
});

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
