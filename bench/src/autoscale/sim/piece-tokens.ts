import type { ArrivalSource } from '@isotherm/simulator';
import type { MediaReading } from '@isotherm/policy';

/** Tokens of the mean piece of work of each stage: a medium, a prompt, a context halfway through its answer. */
export interface PieceTokens {
  readonly encode: number;
  readonly prefill: number;
  readonly decode: number;
}

export const pieceTokens = (source: ArrivalSource, reading: MediaReading): PieceTokens => {
  const sums = { requests: 0, media: 0, mediaTokens: 0, textTokens: 0, answerTokens: 0 };
  for (let arrival = source.next(); arrival !== undefined; arrival = source.next()) {
    sums.requests += 1;
    sums.media += arrival.media;
    sums.mediaTokens += arrival.media * arrival.mediumTokens;
    sums.textTokens += arrival.textTokens;
    sums.answerTokens += arrival.answerTokens;
  }
  const requests = Math.max(1, sums.requests);
  const read = reading === 'decoder-only' ? sums.mediaTokens : 0;
  const prefill = (sums.textTokens + read) / requests;
  return {
    encode: sums.mediaTokens / Math.max(1, sums.media),
    ...{ prefill, decode: prefill + sums.answerTokens / requests / 2 },
  };
};
