import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stageTokens } from './stage-tokens.ts';

const request = { text: 20, media: 6404, generated: 3, answerMax: 50 };

describe('stageTokens', () => {
  it('books media tokens on encoders, whatever the model', () => {
    expect(stageTokens('encode', 'decoder-only', request)).toBe(6404);
    expect(stageTokens('encode', 'cross-attention', request)).toBe(6404);
  });

  it('books all tokens on prefill and decode of a decoder-only model', () => {
    expect(stageTokens('prefill', 'decoder-only', request)).toBe(20 + 6404 + 3);
    expect(stageTokens('decode', 'decoder-only', request)).toBe(20 + 6404 + 50);
  });

  it('books the text alone on prefill and decode of a model with cross-attention', () => {
    expect(stageTokens('prefill', 'cross-attention', request)).toBe(20 + 3);
    expect(stageTokens('decode', 'cross-attention', request)).toBe(20 + 50);
  });

  it('books all of it on a server that runs a whole model', () => {
    expect(stageTokens('whole', 'decoder-only', request)).toBe(20 + 6404 + 50);
    expect(stageTokens('whole', 'cross-attention', request)).toBe(20 + 6404 + 50);
  });

  it('makes no difference between the kinds for text', () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.nat(99), fc.nat(999), (text, generated, answerMax) => {
        for (const stage of ['encode', 'prefill', 'decode'] as const) {
          const tokens = { text, media: 0, generated, answerMax };
          const [one, other] = (['decoder-only', 'cross-attention'] as const).map((reading) =>
            stageTokens(stage, reading, tokens),
          );
          expect(one).toBe(other);
        }
      }),
    );
  });
});
