import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DecodedToken, Embedding, PrefillOutput, Tensor } from '../contract.ts';
import { hashBytes } from './content-hash.ts';
import {
  profileDecodeEngine,
  profileEncodeEngine,
  profilePrefillEngine,
} from './profile-engines.ts';
import { createProfileTextModel, profileTokens } from './profile-text.ts';

const sampling = { temperature: 0, topP: 1, seed: 0 };
const never = new AbortController().signal;
const text = createProfileTextModel();

const promptFor = (words: string) =>
  text.prompt([
    {
      role: 'user',
      parts: [
        { kind: 'image', widthPx: 8, heightPx: 8 },
        { kind: 'text', text: words },
      ],
    },
  ]);

const embeddingOf = async (bytes: Uint8Array): Promise<Embedding> => {
  const [outcome] = await profileEncodeEngine().encode(
    [{ kind: 'file' as const, modality: 'image', bytes, tokens: 36 }],
    never,
  );
  if (outcome?.kind !== 'done') throw new Error('not encoded');
  return outcome.value;
};

const decodeOn = async (
  tokenIds: Int32Array,
  embedding: Embedding,
  generated: readonly number[],
  tokensMax: number,
  answerTokens = 1000,
): Promise<readonly number[]> => {
  const prefill = profilePrefillEngine({ answerTokens });
  const decode = profileDecodeEngine({ answerTokens });
  const first: PrefillOutput = await prefill.prefill(
    {
      tokenIds: Int32Array.from([...tokenIds, ...generated]),
      embeddings: [embedding],
      sampling,
      tokenIndex: generated.length,
    },
    never,
  );
  const tokens = [...generated, first.token];
  if (first.endOfText || tokens.length === tokensMax) return tokens;
  await decode.join('a', {
    kvCache: first.kvCache,
    token: first.token,
    tokenIndex: generated.length,
    tokensMax: tokensMax - tokens.length,
    sampling,
  });
  for (;;) {
    const [step]: readonly DecodedToken[] = await decode.step();
    if (step === undefined) throw new Error('the sequence is gone');
    tokens.push(step.token);
    if (step.finish !== undefined) return tokens;
  }
};

describe('profile engines', () => {
  it('give the same text after a migration at any token', async () => {
    const embedding = await embeddingOf(Uint8Array.of(1, 2, 3, 4, 5));
    const { tokenIds } = promptFor('which rack is hottest?');
    const whole = await decodeOn(tokenIds, embedding, [], 40);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 39 }), async (cut) => {
        expect(await decodeOn(tokenIds, embedding, whole.slice(0, cut), 40)).toEqual(whole);
      }),
    );
  });

  it('make text that depends on the picture and on the words', async () => {
    const one = await embeddingOf(Uint8Array.of(1, 2, 3));
    const other = await embeddingOf(Uint8Array.of(1, 2, 4));
    const base = await decodeOn(promptFor('a').tokenIds, one, [], 30);
    expect(await decodeOn(promptFor('a').tokenIds, other, [], 30)).not.toEqual(base);
    expect(await decodeOn(promptFor('b').tokenIds, one, [], 30)).not.toEqual(base);
  });

  it('end by themselves after answerTokens', async () => {
    const tokens = await decodeOn(
      promptFor('a').tokenIds,
      await embeddingOf(Uint8Array.of(1)),
      [],
      50,
      7,
    );
    expect(tokens).toHaveLength(8);
    expect(tokens.at(-1)).toBe(profileTokens.end);
  });

  it('take the times they are given, and stop taking them when cancelled', async () => {
    const prefill = profilePrefillEngine({ prefillPromptMs: 10, prefillTokenMs: 1 });
    const input = { tokenIds: Int32Array.of(1, 2, 3), embeddings: [], sampling, tokenIndex: 0 };
    const start = performance.now();
    await prefill.prefill(input, never);
    expect(performance.now() - start).toBeGreaterThan(12);
    const slow = profilePrefillEngine({ prefillPromptMs: 60_000 });
    const controller = new AbortController();
    const cancelled = slow.prefill(input, controller.signal);
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('refuse a full batch, a context that is too long and embeddings without a place', async () => {
    const { tokenIds } = promptFor('a');
    await expect(
      profilePrefillEngine().prefill({ tokenIds, embeddings: [], sampling, tokenIndex: 0 }, never),
    ).rejects.toMatchObject({ code: 'invalid_argument' });
    const decode = profileDecodeEngine({ slots: 1, contextMax: 20 });
    const kvCache: Tensor[] = [
      {
        name: 'past_key_values.0.key',
        dataType: 'uint8',
        shape: [1, 10, 4],
        data: new Uint8Array(40),
      },
    ];
    const start = { kvCache, token: 1, tokenIndex: 0, tokensMax: 9, sampling };
    await expect(decode.join('a', { ...start, tokensMax: 10 })).rejects.toMatchObject({
      code: 'context_length_exceeded',
    });
    await decode.join('a', start);
    await expect(decode.join('b', start)).rejects.toMatchObject({ code: 'saturated' });
    await decode.leave('a');
    await decode.join('b', start);
    expect((await decode.step()).map((token) => token.sequence)).toEqual(['b']);
  });
});

describe('hashBytes', () => {
  it('sees every byte and the length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(63), (bytes, at) => {
        const other = bytes.slice();
        other[at % bytes.length] = (other[at % bytes.length] ?? 0) ^ 1;
        expect(hashBytes(other)).not.toBe(hashBytes(bytes));
        expect(hashBytes(bytes.subarray(0, -1))).not.toBe(hashBytes(bytes));
      }),
    );
  });
});

describe('profile text', () => {
  it('gives back the characters of its bytes, whole', () => {
    const detokenizer = text.detokenizer();
    const bytes = new TextEncoder().encode('é → 🌡');
    const pieces = Array.from(bytes, (byte) => detokenizer.push(byte));
    expect(pieces.join('') + detokenizer.end()).toBe('é → 🌡');
    expect(pieces.every((piece) => !piece.includes('\ufffd'))).toBe(true);
  });

  it('counts the tokens that a prompt has', () => {
    const image = { kind: 'image' as const, widthPx: 8, heightPx: 8 };
    const messages = [
      { role: 'system' as const, parts: [{ kind: 'text' as const, text: 'é → 🌡' }] },
      { role: 'user' as const, parts: [image, { kind: 'text' as const, text: '\ud83c' }, image] },
    ];
    const { tokenIds } = text.prompt(messages);
    const withContext = (contextMax: number) =>
      createProfileTextModel({ contextMax }).prompt(messages);
    expect(withContext(tokenIds.length + 1).tokenIds).toEqual(tokenIds);
    expect(() => withContext(tokenIds.length)).toThrow(`has ${tokenIds.length} tokens`);
  });

  it('refuses a prompt that fills the context', () => {
    const small = createProfileTextModel({ contextMax: 8 });
    const parts = [{ kind: 'text' as const, text: 'too long for it' }];
    expect(() => small.prompt([{ role: 'user', parts }])).toThrow(/must stay below 8/);
  });
});
