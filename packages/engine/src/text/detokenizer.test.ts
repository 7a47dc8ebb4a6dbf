import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonRecord } from '../model-folder/json-file.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { createDetokenizer } from './detokenizer.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

const load = async (dir: string): Promise<Tokenizer> => {
  const [json, config] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map(
      async (name) => JSON.parse(await readFile(join(dir, name), 'utf8')) as JsonRecord,
    ),
  );
  return createTokenizer(json ?? {}, config ?? {});
};

/** A SentencePiece-like tokenizer: spaces as U+2581, unknown characters as byte tokens. */
const sentencePiece = (): Tokenizer => {
  const pieces = ['<unk>', '<s>', '</s>', '▁', '▁the', '▁rack', 'rack', 's', ',', '▁is', 'hot'];
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  );
  const vocabulary = [...pieces, ...bytes];
  return createTokenizer(
    {
      added_tokens: [0, 1, 2].map((id) => ({ id, content: pieces[id], special: true })),
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          { type: 'Strip', content: ' ', start: 1, stop: 0 },
        ],
      },
      model: {
        type: 'BPE',
        vocab: Object.fromEntries(vocabulary.map((piece, id) => [piece, id])),
        merges: [],
        byte_fallback: true,
        unk_token: '<unk>',
      },
    },
    {},
  );
};

const stream = (tokenizer: Tokenizer, tokens: readonly number[]): readonly string[] => {
  const detokenizer = createDetokenizer(tokenizer);
  const pieces = tokens.map((token) => detokenizer.push(token));
  return [...pieces, detokenizer.end()];
};

describe('byte-level detokenizer', () => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await load(fixtureFolders.panel);
  });

  it('round-trips any text, token by token, with only whole characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const tokens = tokenizer.encode(text, { mark: false });
        fc.pre(!tokens.some((token) => tokenizer.addedTokens.has(token)));
        const pieces = stream(tokenizer, tokens);
        expect(pieces.join('')).toBe(text);
        if (!text.includes('\ufffd')) expect(pieces.join('|')).not.toContain('\ufffd');
      }),
      { numRuns: 500 },
    );
  });

  it('gives what decoding all at once gives, for any tokens', () => {
    const vocabulary = 640;
    fc.assert(
      fc.property(fc.array(fc.nat(vocabulary - 1), { maxLength: 30 }), (tokens) => {
        const known = tokens.filter((token) => tokenizer.spelling(token) !== undefined);
        expect(stream(tokenizer, known).join('')).toBe(tokenizer.decode(known));
      }),
      { numRuns: 500 },
    );
  });

  it('leaves out special tokens', () => {
    const tokens = tokenizer.encode('<bos>rack 7<end>', { mark: false });
    expect(stream(tokenizer, tokens).join('')).toBe('rack 7');
  });
});

describe('window detokenizer', () => {
  const tokenizer = sentencePiece();
  const id = (piece: string): number =>
    Array.from({ length: 267 }, (_, token) => token).find(
      (token) => tokenizer.spelling(token) === piece,
    ) ?? -1;

  it('is not mistaken for byte-level', () => expect(tokenizer.byteLevel).toBe(false));

  it('keeps inner spaces and drops only the leading one', () => {
    const tokens = ['▁the', '▁rack', 's', ',', '▁', '▁is', '▁', 'hot'].map(id);
    expect(stream(tokenizer, tokens).join('')).toBe('the racks,  is hot');
    expect(stream(tokenizer, [id('▁'), id('▁the')]).join('')).toBe(
      tokenizer.decode([id('▁'), id('▁the')]),
    );
  });

  it('holds back the bytes of a character until it is whole', () => {
    const bytes = [...new TextEncoder().encode('🌡')];
    const tokens = [id('▁is'), ...bytes.map((byte) => 11 + byte), id('hot')];
    expect(stream(tokenizer, tokens)).toEqual(['is', '', '', '', '🌡', 'hot', '']);
  });

  it('flushes an unfinished character at the end', () => {
    const [first = 0] = new TextEncoder().encode('é');
    expect(stream(tokenizer, [id('hot'), 11 + first])).toEqual(['hot', '', '\ufffd']);
  });
});
