import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type JsonRecord, readJson } from '../model-folder/json-file.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { textBound } from './text-bound.ts';
import { createTokenizer } from './tokenizer.ts';

let json: JsonRecord;
let config: JsonRecord;

beforeAll(async () => {
  json = await readJson(fixtureFolders.panel, 'tokenizer.json');
  config = await readJson(fixtureFolders.panel, 'tokenizer_config.json');
});

describe('textBound', () => {
  it.each([
    ['as it is', null],
    ['composed', { type: 'NFC' }],
  ])('never claims more tokens than a text has, taken %s', (_, normalizer) => {
    const tokenizer = createTokenizer({ ...json, normalizer }, config);
    const bytesMax = textBound({ ...json, normalizer }, config)?.bytesPerTokenMax ?? 0;
    const characters = fc.constantFrom('\u1fbe', '\u0308', '\u0301', 'temperature', ' ', '<image>');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(characters, { maxLength: 60 }).map((each) => each.join('')),
    );
    fc.assert(
      fc.property(text, (each) => {
        const tokensMin = Math.ceil(Buffer.byteLength(each) / bytesMax);
        expect(tokensMin).toBeLessThanOrEqual(tokenizer.encode(each, { mark: false }).length);
      }),
      { numRuns: 500 },
    );
  });

  it('is the longest entry of the vocabulary, added ones included', () => {
    expect(textBound(json, config)?.bytesPerTokenMax).toBe(12);
    const added = [{ content: '<a_very_long_mark>', special: true }];
    expect(textBound({ ...json, added_tokens: added }, config)?.bytesPerTokenMax).toBe(18);
  });

  it.each<[string, JsonRecord]>([
    ['rewrites texts', { normalizer: { type: 'Lowercase' } }],
    ['drops spaces', { pre_tokenizer: { type: 'WhitespaceSplit' } }],
    ['has a token that swallows spaces', { added_tokens: [{ content: '<a>', rstrip: true }] }],
    ['has a special token with a space', { added_tokens: [{ content: 'a b', special: true }] }],
    ['has no token for some bytes', { model: { type: 'BPE', vocab: { a: 0 } } }],
    ['is no byte-level one', { model: { type: 'Unigram', vocab: [] } }],
  ])('is unknown for a tokenizer that %s', (_, part) => {
    expect(textBound({ ...json, ...part }, config)).toBeUndefined();
  });
});
