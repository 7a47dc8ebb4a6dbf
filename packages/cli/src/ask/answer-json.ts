import type { Answer } from './generate.ts';

const round = (ms: number): number => Math.round(ms * 1000) / 1000;

/** An answer for programs, in the spelling of the HTTP API. */
export const answerJson = ({ text, finished, firstTextMs, totalMs }: Answer): object => ({
  answer: text,
  model: finished.model,
  request_id: finished.requestId,
  finish_reason: finished.finishReason,
  usage: {
    prompt_tokens: finished.usage?.promptTokens ?? 0,
    image_tokens: finished.usage?.imageTokens ?? 0,
    audio_tokens: finished.usage?.audioTokens ?? 0,
    video_tokens: finished.usage?.videoTokens ?? 0,
    completion_tokens: finished.usage?.completionTokens ?? 0,
  },
  first_text_ms: round(firstTextMs),
  total_ms: round(totalMs),
  migrations: finished.migrations,
  stages: finished.stages.map((time) => ({
    stage: time.stage,
    instance: time.instanceId,
    lane_wait_ms: round(time.laneWaitMs),
    pull_ms: round(time.pullMs),
    queue_ms: round(time.queueMs),
    engine_ms: round(time.engineMs),
    total_ms: round(time.totalMs),
    tokens: time.tokens,
    batch: time.batch,
  })),
});
