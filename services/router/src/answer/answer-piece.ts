import type { UpstreamText } from '@isotherm/proto';
import type { AnswerPiece, SpelledToken } from './answer-text.ts';

/** A server's piece of text as a piece of the answer. Its token ids are its own business: 0. */
export const pieceOf = ({ text, logprobs }: UpstreamText): AnswerPiece => ({
  text,
  logprobs: logprobs.map((one) => ({ ...spelledOf(one), top: one.top.map(spelledOf) })),
});

const spelledOf = ({ text, bytes, logprob }: UpstreamText['logprobs'][number]): SpelledToken => ({
  ...{ id: 0, text, bytes, logprob },
});
