import type { Stage } from '@isotherm/kernel';

/** How a model reads media: as tokens of its context, or beside it through cross-attention. */
export type MediaReading = 'decoder-only' | 'cross-attention';

/** What a request asks of the stages, in tokens. */
export interface RequestTokens {
  /** Tokens of the prompt that no encoder makes; a placeholder that stands for a whole medium is one. */
  readonly text: number;
  /** Tokens that encoders make of its media. */
  readonly media: number;
  /** Tokens generated before this stage begins: none, unless it goes on after a migration. */
  readonly generated: number;
  /** Most tokens of the answer, those already generated included. */
  readonly answerMax: number;
}

/**
 * Tokens that a piece of work adds to an instance's load, by the rule of ModServe (arXiv 2502.00937, section on routing):
 * an encoder works through media tokens; a decoder-only model carries all tokens of the request through prefill and
 * decode, while one with cross-attention carries the text alone, whatever the size of its pictures. A server that runs a
 * whole model works through all of it.
 */
export const stageTokens = (
  stage: Stage,
  reading: MediaReading,
  { text, media, generated, answerMax }: RequestTokens,
): number => {
  const prompt = reading === 'decoder-only' ? text + media : text;
  switch (stage) {
    case 'encode':
      return media;
    case 'prefill':
      return prompt + generated;
    case 'decode':
      return prompt + answerMax;
    case 'whole':
      return text + media + answerMax;
    default:
      return stage satisfies never;
  }
};
