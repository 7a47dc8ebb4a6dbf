import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { DecodedToken, PrefillEngine, Tensor } from '../contract.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { testImage } from '../testing/test-image.ts';
import { onnxDecodeEngine } from './decode-engine.ts';
import { onnxEncodeEngine } from './encode-engine.ts';
import { onnxPrefillEngine } from './prefill-engine.ts';

jest.setTimeout(120_000);

const never = new AbortController().signal;

describe('faults of the stages', () => {
  const dir = fixtureFolders.panel;
  const sampling = { temperature: 0, topP: 1, seed: 0 };
  const input = { tokenIds: Int32Array.of(1, 20, 30), embeddings: [], sampling, tokenIndex: 0 };
  let prefill: PrefillEngine;
  beforeAll(async () => {
    prefill = await onnxPrefillEngine({ modelDir: dir, contextMax: 50 });
  });
  afterAll(() => prefill.close());

  it('one bad picture fails alone', async () => {
    const encode = await onnxEncodeEngine({ modelDir: dir });
    const good = await testImage(1);
    const held = Buffer.alloc(good.length);
    held.set(good);
    const files = [good, new Uint8Array(0), good.subarray(0, 60), Buffer.from('<svg/>'), held];
    const media = files.map((bytes) => ({
      kind: 'file' as const,
      modality: 'image' as const,
      bytes,
      tokens: 36,
    }));
    const outcomes = await encode.encode(
      [...media, { ...media[0], kind: 'file', modality: 'image', bytes: good, tokens: 35 }],
      never,
    );
    expect(
      outcomes.map((outcome) => (outcome.kind === 'done' ? 'done' : outcome.fault.code)),
    ).toEqual([
      'done',
      'invalid_argument',
      'invalid_argument',
      'invalid_argument',
      'done',
      'invalid_argument',
    ]);
    const [first, , , , last] = outcomes;
    expect(first?.kind === 'done' && first.value).toEqual(last?.kind === 'done' && last.value);
    // The caller keeps its bytes, also in a Buffer.
    expect([good.length > 0, held.length]).toEqual([true, good.length]);
    const tooMany = Array.from({ length: 9 }, () => media[0]).flatMap((each) => each ?? []);
    await expect(encode.encode(tooMany, never)).rejects.toMatchObject({ code: 'invalid_argument' });
    await encode.close();
    await expect(encode.encode(media, never)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('prefill refuses what does not fit and drops what is cancelled', async () => {
    const row: Tensor = {
      name: 'x',
      dataType: 'float32',
      shape: [1, 128],
      data: new Float32Array(128),
    };
    const refusals = [
      { ...input, embeddings: [[row]] },
      { ...input, tokenIds: Int32Array.of(1, 3) },
      { ...input, tokenIds: Int32Array.of(3), embeddings: [[{ ...row, shape: [2, 64] }]] },
      { ...input, tokenIds: Int32Array.of(100_000) },
      { ...input, tokenIds: new Int32Array(0) },
    ];
    for (const refused of refusals) {
      await expect(prefill.prefill(refused, never)).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    }
    await expect(
      prefill.prefill({ ...input, tokenIds: new Int32Array(50) }, never),
    ).rejects.toMatchObject({ code: 'context_length_exceeded' });
    const running = prefill.prefill(input, never);
    const controller = new AbortController();
    const waiting = prefill.prefill(input, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect((await running).kvCache).toHaveLength(8);
  });

  it('decode takes the memory of a KV cache that is given to it, and copies a view', async () => {
    const decode = await onnxDecodeEngine({ modelDir: dir, slots: 3, contextMax: 20 });
    const { kvCache, token } = await prefill.prefill(input, never);
    const start = { kvCache, token, tokenIndex: 0, tokensMax: 3, sampling };
    const bytes = (tensors: readonly Tensor[]): readonly number[] =>
      tensors.map(({ data }) => data.byteLength);
    const views = kvCache.map((tensor) => {
      const data = new Float32Array(tensor.data.length + 1);
      data.set(tensor.data, 1);
      return { ...tensor, data: data.subarray(1) };
    });
    const before = bytes(kvCache);
    await decode.join('kept', start);
    await decode.join('view', { ...start, kvCache: views, kvCacheGiven: true });
    expect([bytes(kvCache), bytes(views)]).toEqual([before, before]);
    await decode.join('given', { ...start, kvCacheGiven: true });
    expect(bytes(kvCache)).toEqual(before.map(() => 0));
    const texts: Record<string, number[]> = { kept: [], view: [], given: [] };
    for (let tokens = await decode.step(); tokens.length > 0; tokens = await decode.step()) {
      for (const each of tokens) texts[each.sequence]?.push(each.token);
    }
    expect(texts['kept']).toHaveLength(3);
    expect([texts['view'], texts['given']]).toEqual([texts['kept'], texts['kept']]);
    await decode.close();
  });

  it('decode refuses what does not fit, and the caller keeps its tensors', async () => {
    const decode = await onnxDecodeEngine({ modelDir: dir, slots: 1, contextMax: 20 });
    const { kvCache, token } = await prefill.prefill(input, never);
    const start = { kvCache, token, tokenIndex: 0, tokensMax: 3, sampling };
    await expect(decode.join('a', { ...start, kvCache: kvCache.slice(1) })).rejects.toThrow(
      /needs past_key_values.0.key/,
    );
    await expect(decode.join('a', { ...start, tokensMax: 17 })).rejects.toMatchObject({
      code: 'context_length_exceeded',
    });
    await decode.join('a', start);
    await expect(decode.join('a', start)).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(decode.join('b', start)).rejects.toMatchObject({ code: 'saturated' });
    await decode.leave('nobody');
    const tokens: DecodedToken[] = [];
    while (tokens.at(-1)?.finish === undefined) tokens.push(...(await decode.step()));
    expect(await decode.step()).toEqual([]);
    await decode.join('b', start);
    await decode.leave('b');
    expect(await decode.step()).toEqual([]);
    await decode.close();
    await expect(decode.step()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('a model that is not there is refused with its reason', async () => {
    const missing = { modelDir: dir, precision: 'q4' } as const;
    await expect(onnxDecodeEngine(missing)).rejects.toThrow(/decoder_model_merged_q4/);
    await expect(onnxEncodeEngine(missing)).rejects.toThrow(/vision_encoder_q4/);
    await expect(onnxPrefillEngine({ modelDir: '/nowhere' })).rejects.toThrow(/no config.json/);
  });
});
