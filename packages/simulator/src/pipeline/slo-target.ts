import { encodeAllMs } from '../stations/stage-cost.ts';
import type { Slo } from './deployment.ts';

/** What a request asks for, as far as its targets depend on it. */
export interface AskedFor {
  readonly media: number;
  readonly mediumTokens: number;
  /** Tokens that the prompt costs, its media's share among them. */
  readonly promptTokens: number;
  readonly answerTokens: number;
}

/** Times that a request has to keep. */
export interface SloTarget {
  readonly ttftMs: number;
  readonly tbtMs: number;
  /** Share of the first that encoding may take before it is the one that made the request late. */
  readonly encodeShare: number;
}

/** Where nobody knows what stages take alone. */
const encodeShareUnknown = 0.5;

/** The same for all, or so many times what the request takes where nobody is in its way. */
export const sloTarget = ({ alone, ttftMs, tbtMs }: Slo, asked: AskedFor): SloTarget => {
  if (alone === undefined) return { ttftMs, tbtMs, encodeShare: encodeShareUnknown };
  const { encode, prefill, decode } = alone.costs;
  const encodeMs = encodeAllMs(encode, asked.media, asked.mediumTokens);
  const contextTokens = asked.promptTokens + asked.answerTokens / 2;
  const firstMs = encodeMs + prefill.timeMs(1, asked.promptTokens);
  return {
    ttftMs: alone.ttftTimes * firstMs,
    encodeShare: encodeMs / firstMs,
    tbtMs: alone.tbtTimes * decode.timeMs(1, contextTokens),
  };
};
