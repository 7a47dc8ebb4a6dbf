import { describe, expect, it } from '@jest/globals';
import { parseTrace, traceArrivals, type TraceFormat } from './trace.ts';

const traceOf = (text: string, format: TraceFormat) => {
  const parsed = parseTrace(text, format);
  if (parsed.kind === 'refused') throw new RangeError(parsed.reason);
  return parsed.trace;
};
const taken = (count: number, ...args: Parameters<typeof traceArrivals>) => {
  const source = traceArrivals(...args);
  return Array.from({ length: count }, () => ({ ...source.next() }));
};
const options = { rateScale: 1, imagesMax: 16, imageTokens: 100 };

// Samples of our own in the formats of the originals.
const conversations = `TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.5000000,374,44
2023-11-16 18:15:47.0000000,396,109
`;
const multimodal = `TIMESTAMP,NumImages,ContextTokens,GeneratedTokens
2024-10-15T12:00:06.000Z,0,770,491
2024-10-15T12:00:05.500Z,2,949,126
2024-10-15T12:00:07.000Z,400,1000,5
`;
const blocks = `{"timestamp": 100, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1]}
{"timestamp": 3100, "input_length": 7322, "output_length": 490, "hash_ids": [0, 14]}`;

describe('a trace', () => {
  it('of conversations', () => {
    expect(taken(2, traceOf(conversations, 'azure'), options)).toMatchObject([
      { atMs: 0, textTokens: 374, media: 0, answerTokens: 44 },
      { atMs: 500, textTokens: 396, answerTokens: 109 },
    ]);
  });

  it('with pictures, in the order of time, with the bound on pictures', () => {
    expect(taken(3, traceOf(multimodal, 'azure'), options)).toMatchObject([
      { atMs: 0, textTokens: 749, media: 2, mediumTokens: 100, answerTokens: 126 },
      { atMs: 500, textTokens: 770, media: 0 },
      { atMs: 1500, textTokens: 50, media: 16 },
    ]);
  });

  it('of prompts in blocks', () => {
    expect(taken(2, traceOf(blocks, 'mooncake'), options)).toMatchObject([
      { atMs: 0, textTokens: 6758, answerTokens: 500 },
      { atMs: 3000, textTokens: 7322 },
    ]);
  });

  it('goes round, and faster where told so', () => {
    const times = taken(5, traceOf(conversations, 'azure'), { ...options, rateScale: 2 });
    expect(times.map(({ atMs }) => atMs)).toEqual([0, 250, 500, 750, 1000]);
  });

  it.each<[string, TraceFormat, string]>([
    ['', 'azure', 'has no request'],
    ['2023-11-16 18:15:46,1', 'azure', 'line 1 is no request'],
    [`${conversations}yesterday,1,2`, 'azure', 'line 4 is no request'],
    [`${conversations}2023-11-16 18:15:48,1,-2`, 'azure', 'line 4 is no request'],
    ['{"timestamp": 1}', 'mooncake', 'line 1 is no request'],
    ['not JSON', 'mooncake', 'line 1 is no request'],
  ])('refuses %j of %s', (text, format, reason) => {
    expect(parseTrace(text, format)).toEqual({ kind: 'refused', reason });
  });
});
