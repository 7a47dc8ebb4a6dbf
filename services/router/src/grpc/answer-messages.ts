import type {
  GenerateResponseInput,
  RouterTokenLogprobInput as TokenLogprobInput,
  StageTimeInput,
} from '@isotherm/proto';
import type { SpelledLogprobs, SpelledToken } from '../answer/answer-text.ts';
import type { StageTime } from '../answer/flow.ts';
import type { Finished, ResponseEvent } from '../answer/respond.ts';

/** One event of an answer as a message of its stream. */
export const messageOf = (event: ResponseEvent): GenerateResponseInput => {
  switch (event.kind) {
    case 'text':
      return { text: { text: event.text, logprobs: event.logprobs.map(logprobOf) } };
    case 'finished':
      return { finished: finishedOf(event) };
    default:
      return event satisfies never;
  }
};

export const logprobOf = ({ top, ...token }: SpelledLogprobs): TokenLogprobInput => ({
  ...spelledOf(token),
  top: top.map(spelledOf),
});

const spelledOf = ({ id, ...token }: SpelledToken): TokenLogprobInput => ({ token: id, ...token });

export const finishedOf = (event: Finished): NonNullable<GenerateResponseInput['finished']> => ({
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
