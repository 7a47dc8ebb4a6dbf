import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Embedding, PrefillEngine, PromptMessage, TextModel } from '../contract.ts';
import { inspectImage } from '../media/image/inspect-image.ts';
import type { MonolithMessage, MonolithPart } from '../reference/monolith-calls.ts';
import { createMonolith, type Monolith } from '../reference/run-monolith.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { loadTextModel } from '../text/text-model.ts';
import { type OnnxDecodeEngine, onnxDecodeEngine } from './decode-engine.ts';
import { onnxEncodeEngine } from './encode-engine.ts';
import { onnxPrefillEngine } from './prefill-engine.ts';

jest.setTimeout(60_000);

const never = new AbortController().signal;
const modelDir = fixtureFolders.panelX;
const sampling = { temperature: 0, topP: 1, seed: 0 };
const question = { kind: 'text', text: 'Describe the picture.' } as const;

describe('a model with cross-attention', () => {
  let text: TextModel;
  let monolith: Monolith;
  let encode: Awaited<ReturnType<typeof onnxEncodeEngine>>;
  let prefill: PrefillEngine;
  let decode: OnnxDecodeEngine;
  let pictures: readonly Uint8Array[];
  let embeddings: readonly Embedding[];
  beforeAll(async () => {
    text = await loadTextModel(modelDir);
    [monolith, encode, prefill, decode] = await Promise.all([
      createMonolith({ modelDir }),
      onnxEncodeEngine({ modelDir }),
      onnxPrefillEngine({ modelDir }),
      onnxDecodeEngine({ modelDir }),
    ]);
    // Pictures that the model knows: what it says of one depends on what else it sees.
    const examples = join(fixtureFolders.panel, 'examples');
    const files = ['rack.png', 'shapes.png'].map((name) => readFile(join(examples, name)));
    pictures = await Promise.all(files);
    const media = pictures.map((bytes) => ({
      kind: 'file' as const,
      modality: 'image' as const,
      bytes,
      tokens: 36,
    }));
    embeddings = (await encode.encode(media, never)).map((outcome) => {
      if (outcome.kind === 'failed') throw outcome.fault;
      return outcome.value;
    });
  });
  afterAll(async () => {
    await Promise.all([monolith, encode, prefill, decode].map((each) => each.close()));
  });

  const promptOf = async (messages: readonly MonolithMessage[]) => {
    const withSizes = messages.map(async ({ role, parts }): Promise<PromptMessage> => ({
      role,
      parts: await Promise.all(
        parts.map(async (part) =>
          part.kind === 'image'
            ? { kind: part.kind, ...(await inspectImage(part.bytes)) }
            : noOther(part),
        ),
      ),
    }));
    return text.prompt(await Promise.all(withSizes));
  };
  const noOther = (part: MonolithPart) => {
    if (part.kind === 'text') return part;
    throw new Error('These questions are about pictures.');
  };
  const picture = (index: number) =>
    ({ kind: 'image', bytes: pictures[index] ?? new Uint8Array(0) }) as const;
  const answerOf = async (
    messages: readonly MonolithMessage[],
    seen: readonly Embedding[],
  ): Promise<readonly number[]> => {
    const { tokenIds } = await promptOf(messages);
    const input = { tokenIds, embeddings: seen, sampling, tokenIndex: 0 };
    const { token, kvCache, endOfText } = await prefill.prefill(input, never);
    const tokens = [token];
    if (endOfText) return tokens;
    await decode.join('a', { kvCache, token, tokenIndex: 0, tokensMax: 30, sampling });
    for (let ended = false; !ended;) {
      const [step] = await decode.step();
      if (step !== undefined) tokens.push(step.token);
      ended = step?.finish !== undefined;
    }
    return tokens;
  };

  it('has one prompt token a picture, and a context of text alone', async () => {
    const one = await promptOf([{ role: 'user', parts: [picture(0), question] }]);
    const none = await promptOf([{ role: 'user', parts: [question] }]);
    expect(one.tokenIds.length).toBe(none.tokenIds.length + 1);
    expect(one).toMatchObject({ mediaTokens: [36], textTokens: one.tokenIds.length });
    expect(text.facts).toMatchObject({
      architecture: 'cross-attention',
      modalities: ['image'],
      kvBytesPerToken: 4 * 2 * 2 * 32 * 4,
      crossKvBytesPerToken: 3 * 2 * 2 * 32 * 4,
    });
  });

  it('encodes a picture to a key and a value for each cross-attention layer', () => {
    const names = embeddings[0]?.map(({ name }) => name);
    const kinds = ['key', 'value'];
    expect(names).toEqual(
      [1, 3, 5].flatMap((layer) => kinds.map((kind) => `cross_key_values.${layer}.${kind}`)),
    );
    for (const tensor of embeddings.flat()) expect(tensor.shape).toEqual([2, 36, 32]);
  });

  it('hands what decode needs on: its own cache, and the very tensors of the picture', async () => {
    const { tokenIds } = await promptOf([{ role: 'user', parts: [picture(0), question] }]);
    const input = { tokenIds, embeddings: embeddings.slice(0, 1), sampling, tokenIndex: 0 };
    const { kvCache } = await prefill.prefill(input, never);
    const own = kvCache.filter(({ name }) => name.startsWith('past_key_values.'));
    expect(own.map(({ name }) => Number(name.split('.')[1]))).toEqual([0, 0, 2, 2, 4, 4, 6, 6]);
    for (const { shape } of own) expect(shape).toEqual([2, tokenIds.length, 32]);
    expect(kvCache.slice(8)).toHaveLength(6);
    kvCache.slice(8).forEach((tensor, index) => expect(tensor).toBe(embeddings[0]?.[index]));
  });

  it('sees the pictures of the last turn that has any, as the monolith does', async () => {
    const first = { role: 'user', parts: [picture(0), question] } as const;
    const said = { role: 'assistant', parts: [{ kind: 'text', text: '4' }] } as const;
    const conversations = [
      { messages: [first], seen: [0] },
      { messages: [first, said, { role: 'user', parts: [question] }], seen: [0] },
      { messages: [first, said, { role: 'user', parts: [picture(1), question] }], seen: [0, 1] },
      { messages: [{ role: 'user', parts: [picture(1), picture(0), question] }], seen: [1, 0] },
      { messages: [{ role: 'user', parts: [question] }], seen: [] },
    ] as const;
    for (const { messages, seen } of conversations) {
      const expected = await monolith.answer(messages, { tokensMax: 31, sampling });
      const given = seen.flatMap((index) => (embeddings[index] ? [embeddings[index]] : []));
      expect(await answerOf(messages, given)).toEqual(expected.tokens);
    }
  });

  it('sees in chunks what it sees at once', async () => {
    const chunked = await onnxPrefillEngine({ modelDir, chunkTokens: 3 });
    const { tokenIds } = await promptOf([
      { role: 'user', parts: [picture(0), question] },
      { role: 'assistant', parts: [{ kind: 'text', text: '4' }] },
      { role: 'user', parts: [picture(1), question] },
    ]);
    const input = { tokenIds, embeddings, sampling, tokenIndex: 0 };
    const [whole, inChunks] = await Promise.all(
      [prefill, chunked].map((engine) => engine.prefill(input, never)),
    );
    await chunked.close();
    expect(inChunks?.token).toBe(whole?.token);
    whole?.kvCache.forEach((tensor, index) => {
      const same = inChunks?.kvCache[index];
      expect(same).toMatchObject({ name: tensor.name, shape: tensor.shape });
      const differences = Array.from(tensor.data, (value, at) =>
        Math.abs(value - (same?.data[at] ?? Number.NaN)),
      );
      expect(Math.max(...differences)).toBeLessThan(1e-3);
    });
  });

  it('refuses embeddings that are not those of its placeholders', async () => {
    const { tokenIds } = await promptOf([{ role: 'user', parts: [picture(0), question] }]);
    const input = { tokenIds, sampling, tokenIndex: 0 };
    const refused = [
      { ...input, embeddings: [] },
      { ...input, embeddings },
      { ...input, embeddings: [embeddings[0]?.slice(1) ?? []] },
    ];
    for (const each of refused) {
      await expect(prefill.prefill(each, never)).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    }
  });
});
