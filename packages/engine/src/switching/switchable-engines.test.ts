import { describe, expect, it, jest } from '@jest/globals';
import type { DecodeStart, PrefillOutput } from '../contract.ts';
import { isPrecision, type Precision } from '../model-folder/precision.ts';
import { onnxDecodeEngine } from '../onnx/decode-engine.ts';
import { onnxPrefillEngine } from '../onnx/prefill-engine.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { switchableDecodeEngine, switchablePrefillEngine } from './switchable-engines.ts';
import type { Variant } from './variant.ts';

jest.setTimeout(60_000);

const never = new AbortController().signal;
const modelDir = fixtureFolders.panel;
const tokensMax = 24;
const prompts = [3, 40, 17].map((tokens) =>
  Int32Array.from({ length: tokens }, (_, index) => 20 + ((index * 31 + tokens) % 200)),
);
const sampling = { temperature: 1, topP: 1, seed: 7 };
/** Opens engines and counts those that are open. */
const opened = { count: 0 };
const counted = <Engine extends { close(): Promise<void> }>(engine: Engine): Engine => {
  opened.count += 1;
  return {
    ...engine,
    close: () => {
      opened.count -= 1;
      return engine.close();
    },
  };
};
const variantOf = (precision: Precision): Variant => ({ model: 'panel', precision, threads: 1 });
const optionsOf = ({ precision, threads }: Variant) => ({
  ...{ modelDir, threads, precision: isPrecision(precision) ? precision : 'fp32' },
});
const openDecode = (variant: Variant) => onnxDecodeEngine(optionsOf(variant)).then(counted);
const openPrefill = (variant: Variant) => onnxPrefillEngine(optionsOf(variant)).then(counted);
const prefilled = (precision: Precision): Promise<readonly PrefillOutput[]> =>
  openPrefill(variantOf(precision)).then(async (engine) => {
    const outputs = await Promise.all(
      prompts.map((tokenIds) =>
        engine.prefill({ tokenIds, embeddings: [], sampling, tokenIndex: 0 }, never),
      ),
    );
    await engine.close();
    return outputs;
  });
const startOf = ({ kvCache, token }: PrefillOutput): DecodeStart => ({
  ...{ kvCache, token, tokenIndex: 0, tokensMax, sampling },
});

/** What one precision's own engine makes of the same beginnings. */
const reference = async (precision: Precision, starts: readonly DecodeStart[]) => {
  const engine = await openDecode(variantOf(precision));
  const texts: Record<string, number[]> = {};
  for (const [index, start] of starts.entries()) {
    const own: number[] = (texts[index] = []);
    await engine.join(String(index), start);
    for (let ended = false; !ended;) {
      for (const { token, finish } of await engine.step()) {
        own.push(token);
        ended = finish !== undefined;
      }
    }
  }
  await engine.close();
  return texts;
};

describe('an engine whose precision is switched while it works', () => {
  it('decode: what has begun keeps its precision, what begins has the new one', async () => {
    const starts = (await prefilled('fp32')).map(startOf);
    const [fp32, int8] = [await reference('fp32', starts), await reference('int8', starts)];
    expect(fp32).not.toEqual(int8);
    const engine = await switchableDecodeEngine(variantOf('fp32'), openDecode);
    const texts: Record<string, number[]> = {};
    const step = async (): Promise<void> => {
      for (const { sequence, token } of await engine.step()) (texts[sequence] ??= []).push(token);
    };
    const [one, two, three] = starts;
    if (one === undefined || two === undefined || three === undefined) throw new Error('prompts');
    await engine.join('0', one);
    for (let steps = 0; steps < 5; steps++) await step();
    await engine.switchTo({ precision: 'int8' });
    expect([engine.variant.precision, opened.count]).toEqual(['int8', 2]);
    await engine.join('1', two);
    for (let steps = 0; steps < 2 * tokensMax; steps++) await step();
    // The first one has ended, and with it the engine that it had.
    expect(opened.count).toBe(1);
    await engine.join('2', three);
    for (let steps = 0; steps < tokensMax; steps++) await step();
    expect(texts).toEqual({ 0: fp32[0], 1: int8[1], 2: int8[2] });
    await engine.close();
    expect(opened.count).toBe(0);
  });

  it('prefill: the same, and a precision that is not there changes nothing', async () => {
    const [fp32, int8] = [await prefilled('fp32'), await prefilled('int8')];
    const engine = await switchablePrefillEngine(variantOf('fp32'), openPrefill);
    const run = (index: number) => {
      const tokenIds = prompts[index] ?? new Int32Array(0);
      return engine.prefill({ tokenIds, embeddings: [], sampling, tokenIndex: 0 }, never);
    };
    const begun = run(1);
    await expect(engine.switchTo({ precision: 'q4' })).rejects.toMatchObject({
      code: 'unsupported',
    });
    await engine.switchTo({ precision: 'int8' });
    const after = await run(1);
    const first = ({ kvCache }: PrefillOutput) => Array.from(kvCache[0]?.data ?? []);
    expect(first(await begun)).toEqual(first(fp32[1] ?? after));
    expect(first(after)).toEqual(first(int8[1] ?? after));
    expect(first(after)).not.toEqual(first(fp32[1] ?? after));
    await engine.close();
    expect(opened.count).toBe(0);
  });

  it('threads: other ones compute the same, beside what has begun', async () => {
    const starts = (await prefilled('fp32')).map(startOf);
    const fp32 = await reference('fp32', starts);
    const engine = await switchableDecodeEngine(variantOf('fp32'), openDecode);
    const [one, two] = starts;
    if (one === undefined || two === undefined) throw new Error('prompts');
    await engine.join('0', one);
    await engine.step();
    await Promise.all([engine.switchTo({ threads: 2 }), engine.switchTo({ precision: 'fp32' })]);
    expect([engine.variant, opened.count]).toEqual([{ ...variantOf('fp32'), threads: 2 }, 2]);
    await engine.join('1', two);
    const texts: Record<string, number[]> = { 0: [fp32[0]?.[0] ?? 0], 1: [] };
    for (let steps = 0; steps < 2 * tokensMax; steps++) {
      for (const { sequence, token } of await engine.step()) texts[sequence]?.push(token);
    }
    expect(texts).toEqual({ 0: fp32[0], 1: fp32[1] });
    await engine.close();
    expect(opened.count).toBe(0);
  });
});
