import { cpus, loadavg } from 'node:os';
import type { DecodeEngine, Tensor } from '../contract.ts';
import { isPrecision } from '../model-folder/precision.ts';
import { onnxDecodeEngine } from '../onnx/decode-engine.ts';
import { onnxEncodeEngine } from '../onnx/encode-engine.ts';
import { onnxPrefillEngine } from '../onnx/prefill-engine.ts';
import { testImage } from '../testing/test-image.ts';
import { loadTextModel } from '../text/text-model.ts';

// What the engines of a model folder do on this machine, one JSON line:
//   node packages/engine/dist/measure/measure-engines.js models/panel [precision] [context tokens]
// Times are lower quartiles of runs, since what disturbs a shared machine only ever adds; decode counts whole steps
// through the engine, its thread included.

const [modelDir = 'models/panel', precisionText = 'fp32', contextText = '100'] =
  process.argv.slice(2);
const precision = isPrecision(precisionText) ? precisionText : 'fp32';
const contextTokens = Number(contextText);
const never = new AbortController().signal;
const sampling = { temperature: 0, topP: 1, seed: 0 };

const lowerQuartile = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 4)] ?? 0;
const quartileMs = async (runs: number, work: () => Promise<unknown>): Promise<number> => {
  const times: number[] = [];
  for (let run = 0; run < runs + 2; run++) {
    const start = performance.now();
    await work();
    // The first two runs warm up.
    if (run >= 2) times.push(performance.now() - start);
  }
  return lowerQuartile(times);
};
const rounded = (value: number): number => Number(value.toPrecision(3));

const text = await loadTextModel(modelDir, { precision });
const picture = await testImage(1);
const { mediaTokens } = text.prompt([
  {
    role: 'user',
    parts: [
      { kind: 'image', widthPx: 96, heightPx: 96 },
      { kind: 'text', text: 'a' },
    ],
  },
]);
const medium = {
  kind: 'file' as const,
  modality: 'image' as const,
  bytes: picture,
  tokens: mediaTokens[0] ?? 0,
};

const encode = await onnxEncodeEngine({ modelDir, precision });
const encodeOneMs = await quartileMs(30, () => encode.encode([medium], never));
const eight = Array.from({ length: 8 }, () => medium);
const encodeEightMs = await quartileMs(15, () => encode.encode(eight, never));
await encode.close();

const prefill = await onnxPrefillEngine({ modelDir, precision });
const prompt = (tokens: number): Int32Array =>
  Int32Array.from({ length: tokens }, (_, index) => 20 + (index % 200));
const prefillOf = (tokens: number) =>
  prefill.prefill({ tokenIds: prompt(tokens), embeddings: [], sampling, tokenIndex: 0 }, never);
const prefillMs = await quartileMs(15, () => prefillOf(contextTokens));
const { kvCache } = await prefillOf(contextTokens);
await prefill.close();

const decodeTokensPerSecond = async (
  decode: DecodeEngine,
  cache: readonly Tensor[],
  sequences: number,
) => {
  for (let sequence = 0; sequence < sequences; sequence++) {
    // Drawn tokens, so that answers do not all end alike.
    const start = { kvCache: cache, token: 20, tokenIndex: 0, tokensMax: 200 };
    await decode.join(String(sequence), {
      ...start,
      sampling: { temperature: 3, topP: 1, seed: sequence },
    });
  }
  const msPerToken: number[] = [];
  for (let step = 0; step < 60; step++) {
    const start = performance.now();
    const made = await decode.step();
    if (step >= 5 && made.length > 0) msPerToken.push((performance.now() - start) / made.length);
  }
  for (let sequence = 0; sequence < sequences; sequence++) await decode.leave(String(sequence));
  return rounded(1000 / lowerQuartile(msPerToken));
};

const decode = await onnxDecodeEngine({ modelDir, precision, slots: 32 });
const decodeTokensPerS: Record<string, number> = {};
for (const sequences of [1, 4, 16, 32]) {
  decodeTokensPerS[sequences] = await decodeTokensPerSecond(decode, kvCache, sequences);
}
await decode.close();

console.log(
  JSON.stringify({
    model: text.facts.name,
    precision,
    runner: decode.runner,
    contextTokens,
    cores: cpus().length,
    load: rounded(loadavg()[0] ?? 0),
    encodeOneMs: rounded(encodeOneMs),
    encodeMsPerImageOfEight: rounded(encodeEightMs / 8),
    prefillMs: rounded(prefillMs),
    prefillTokensPerS: rounded((contextTokens / prefillMs) * 1000),
    decodeTokensPerS,
  }),
);
