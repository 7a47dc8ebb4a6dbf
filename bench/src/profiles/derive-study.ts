import type { ModelProfile, ProfileEntry, ProfileSource, SourcedPoint } from '@isotherm/kernel';
import type { MeasuredGpus, PromptTimes } from './prompt-times.ts';
import type { ServingLine } from './serving-lines.ts';
import type { StudyModel } from './study-models.ts';

export interface StudyFigures {
  readonly prompts: ReadonlyMap<MeasuredGpus, PromptTimes>;
  /** Lines on H100 of those that `decodesLike` names. */
  readonly decode: Readonly<Record<StudyModel['decodesLike'], DecodeReference>>;
  /** Time to the first token of InternViT's picture on 8 GPUs, of the same encoder in NVLM-D. */
  readonly internVitMs?: number;
}

export interface DecodeReference {
  readonly line: ServingLine;
  readonly parametersB: number;
  readonly gpus: number;
}

/** Parameters of Llama 2 70B, whose prompts were measured: 68.98 billion, by the shape in its config.json (80 layers of 8192). */
const measuredParametersB = 69;
/**
 * By the maker's data sheets, seen as they are quoted: "NVIDIA A100 80GB" SXM (nvidia-a100-datasheet-us-nvidia-1758950-r4: 80 GB HBM2e, 2,039 GB/s,
 * 312 TFLOPS dense in BF16, 400 W; quoted in glennklockwood.com/garden/processors/A100), "NVIDIA H100" SXM5 (80 GB HBM3, 3.35 TB/s; quoted in
 * glennklockwood.com/garden/processors/h100; early announcements said 3). What it draws idle is assumed.
 */
const a100 = { ratedW: 400, idleW: 55, memoryBytes: 80e9, bytesPerS: 2.039e12, flopsPerS: 312e12 };
const h100BytesPerS = 3.35e12;

/** All of these are assumed: nobody published them. */
const assumed = {
  /** Text of a request beside its picture in the study's shares, in tokens. */
  textTokens: 256,
  /** Time of one GPU ÷ that of two, on prompts. */
  oneGpuTimes: 1.8,
  /** Most of the peak arithmetic that an encoder reaches. */
  encodeFlopsShare: 0.5,
  encodePowerShare: 0.85,
  /** Speed by GPUs, of one: InternViT's last step (1.3) is published, as is that ViT-H is worse on 8 than on 4. */
  encodeSpeed: {
    'internvit-6b': { 1: 1, 2: 1.7, 4: 2.6, 8: 3.4 },
    'vit-h-14': { 1: 1, 2: 1.6, 4: 2.2, 8: 2 },
    'siglip-400m': { 1: 1, 2: 1.6, 4: 2.2, 8: 2 },
  },
  /** Time a token by each doubling of GPUs; that 8B is best on one is published. */
  decodeDoubling: { 'llama-3.1-8b': 1.05, 'qwen-3-14b': 0.8, 'llama-3.1-70b': 0.8 },
  /** Share of a text token that a picture's token costs a prompt with cross-attention. */
  crossMediaShare: 0.02,
  memoryShare: 0.9,
  bandwidthShare: 0.8,
  startS: { encode: 20, prefill: 60, decode: 60 },
  clockFixedShare: { encode: 0.1, prefill: 0.15, decode: 0.7 },
} as const;

/**
 * Parameters that a patch meets. InternViT-6B at 448 pixels: 5,540 million in 45 blocks, by the card of OpenGVLab/InternViT-6B-448px-V1-2 (the
 * 5,903 million of the first release are 48 blocks); V1-5, which NVLM-D has, and V2_5, which InternVL-2.5 has, are of the same shape
 * (config.json: 45 layers of 3200, intermediate 12800). ViT-H/14: 630 million, and SigLIP: 400 million, by the study's table; config.json of
 * google/siglip-so400m-patch14-384 (27 layers of 1152, intermediate 4304) gives 411 million.
 */
const encoderParameters = { 'internvit-6b': 5.54e9, 'vit-h-14': 0.63e9, 'siglip-400m': 0.4e9 };
/** Patches that an encoder works through for each token that it hands on: InternViT merges four. */
const patchesPerToken = { 'internvit-6b': 4, 'vit-h-14': 1, 'siglip-400m': 1 };

type Gpus = 1 | 2 | 4 | 8;
const gpuChoices: readonly Gpus[] = [1, 2, 4, 8];

export const deriveStudyProfile = (model: StudyModel, figures: StudyFigures): ModelProfile => {
  const weights = 2 * model.parametersB * 1e9;
  const fits = gpuChoices.filter((gpus) => weights < room(gpus));
  const scale = anchor(model, figures);
  return {
    ...{ name: model.name, model: model.model, reading: model.reading, quality: model.quality },
    sources: sourcesOf(model),
    shape: {
      contextMaxTokens: model.contextMaxTokens,
      imageTokens: model.imageTokens,
      hiddenSize: model.hiddenSize,
      kvBytesPerToken: model.kvBytesPerToken,
    },
    stages: [
      ...gpuChoices.map((gpus) => encodeEntry(model, gpus, scale.encodeMs)),
      ...fits.map((gpus) => prefillEntry(model, gpus, figures, scale.prefillTimes)),
      ...fits.map((gpus) => decodeEntry(model, gpus, figures)),
    ],
  };
};

const room = (gpus: Gpus): number => gpus * a100.memoryBytes * assumed.memoryShare;

interface Anchor {
  /** Of the study's picture, on the study's GPUs. */
  readonly encodeMs: number;
  /** Factor on prompt times that were scaled by parameters. */
  readonly prefillTimes: number;
}

/**
 * Where a share of the time to the first token is published, encoding takes that share; where that would be faster than
 * the arithmetic allows, both stages are slowed until it is not. Without a share: a tenth of InternViT's time (published).
 */
export const anchor = (model: StudyModel, figures: StudyFigures): Anchor => {
  const patches = model.imageTokens * patchesPerToken[model.encoder];
  const flops = 2 * encoderParameters[model.encoder] * patches;
  const peak = model.studyGpus * a100.flopsPerS * assumed.encodeFlopsShare;
  const leastMs = (1000 * flops) / peak;
  if (model.encodeShare === undefined) {
    const speeds = assumed.encodeSpeed[model.encoder];
    const tenth = ((figures.internVitMs ?? 0) / 10) * (speeds[8] / speeds[model.studyGpus]);
    return { encodeMs: Math.max(leastMs, tenth), prefillTimes: 1 };
  }
  const media = model.imageTokens * mediaShare(model);
  const promptMs = prefillMs(model, model.studyGpus, figures, assumed.textTokens + media);
  const encodeMs = (promptMs * model.encodeShare) / (1 - model.encodeShare);
  const prefillTimes = Math.max(1, leastMs / encodeMs);
  return { encodeMs: encodeMs * prefillTimes, prefillTimes };
};

const mediaShare = ({ reading }: StudyModel): number =>
  reading === 'cross-attention' ? assumed.crossMediaShare : 1;

/** Llama 2 70B's time on so many GPUs, by parameters. */
const prefillMs = (
  model: StudyModel,
  gpus: Gpus,
  { prompts }: StudyFigures,
  tokens: number,
): number => {
  const of = prompts.get(gpus === 1 ? 2 : gpus)?.promptMs ?? new Map<number, number>();
  const sizes = [...of.keys()];
  const upper = Math.max(
    1,
    sizes.findIndex((size) => size >= tokens),
  );
  const [from = 0, to = 1] = [sizes[upper - 1], sizes[upper]];
  const [low = 0, high = 0] = [of.get(from), of.get(to)];
  const times = gpus === 1 ? assumed.oneGpuTimes : 1;
  const measured = Math.max(0, low + ((high - low) * (tokens - from)) / (to - from));
  return times * measured * (model.parametersB / measuredParametersB);
};

const common = (model: StudyModel, stage: 'encode' | 'prefill' | 'decode', gpus: Gpus) => ({
  ...{ name: `${stage}-${gpus}`, stage, model: model.model, hardware: 'a100-sxm', gpus },
  ...{ precision: 'bf16', idleW: a100.idleW * gpus, startS: assumed.startS[stage] },
  clockFixedShare: assumed.clockFixedShare[stage],
  load: [],
});

const encodeEntry = (model: StudyModel, gpus: Gpus, studyMs: number): ProfileEntry => {
  const speeds = assumed.encodeSpeed[model.encoder];
  const imageMs = studyMs * (speeds[model.studyGpus] / speeds[gpus]);
  const isPublished = gpus === model.studyGpus && model.encodeShare !== undefined;
  const batches = [1, 8];
  const powerW = gpus * a100.ratedW * assumed.encodePowerShare;
  return {
    ...common(model, 'encode', gpus),
    batchMax: 8,
    bytesPerToken: 2 * model.hiddenSize,
    source: isPublished ? 'encode-share' : 'encode-scaled',
    points: batches.flatMap((batch) =>
      [model.tileTokens, model.imageTokens].map((tokens) => ({
        ...{ batch, tokens, powerW },
        latencyMs: (imageMs * batch * tokens) / model.imageTokens,
      })),
    ),
  };
};

const prefillEntry = (
  model: StudyModel,
  gpus: Gpus,
  figures: StudyFigures,
  times: number,
): ProfileEntry => {
  const measured = figures.prompts.get(gpus === 1 ? 2 : gpus);
  const sizes = [...(measured?.promptMs.keys() ?? [])];
  const points: readonly SourcedPoint[] = [1, 4].flatMap((batch) =>
    sizes.map((tokens) => ({
      ...{ batch, tokens },
      latencyMs:
        prefillMs(model, gpus, figures, tokens) *
        times *
        (batch === 1 ? 1 : model.fourPromptsTimes),
      powerW: gpus * a100.ratedW * (measured?.peakShare.get(tokens) ?? 1),
      ...(batch === 1 ? {} : { source: 'prompt-batches' }),
    })),
  );
  return {
    ...common(model, 'prefill', gpus),
    batchMax: 4,
    bytesPerToken: model.kvBytesPerToken,
    ...(model.reading === 'cross-attention' ? { mediaTokenShare: assumed.crossMediaShare } : {}),
    source: 'prompts',
    points,
  };
};

const sequenceChoices = [1, 64, 256];
const contextChoices = [512, 8192];

const decodeEntry = (model: StudyModel, gpus: Gpus, figures: StudyFigures): ProfileEntry => {
  const { line, parametersB, gpus: measuredOn } = figures.decode[model.decodesLike];
  const size = model.parametersB / parametersB;
  const doubling = assumed.decodeDoubling[model.decodesLike] ** Math.log2(gpus / measuredOn);
  const times = size * doubling * (h100BytesPerS / a100.bytesPerS);
  // Keys and values of longer contexts are read from memory, one GPU's part by each.
  const readMs = (1000 * model.kvBytesPerToken) / (gpus * a100.bytesPerS * assumed.bandwidthShare);
  const [one, sixteen] = decodeShares(gpus, figures);
  const kvBytes = room(gpus) - 2 * model.parametersB * 1e9;
  return {
    ...common(model, 'decode', gpus),
    batchMax: 256,
    kvTokensMax: Math.floor(kvBytes / model.kvBytesPerToken),
    ...(model.reading === 'cross-attention' ? { mediaTokenShare: assumed.crossMediaShare } : {}),
    source: 'decode-scaled',
    points: sequenceChoices.flatMap((batch) =>
      contextChoices.map((tokens) => ({
        ...{ batch, tokens },
        latencyMs:
          (line.stepMs + line.sequenceMs * batch) * times + readMs * batch * (tokens - 512),
        powerW: gpus * a100.ratedW * Math.min(1, one + ((sixteen - one) / 4) * Math.log2(batch)),
      })),
    ),
  };
};

/** Of one GPU as measured on two and more; one GPU's goes on from two as two's from four, to the rated power at most. */
const decodeShares = (gpus: Gpus, { prompts }: StudyFigures): readonly [number, number] => {
  const two = prompts.get(2)?.decodeShare ?? [1, 1];
  if (gpus !== 1) return prompts.get(gpus)?.decodeShare ?? two;
  const four = prompts.get(4)?.decodeShare ?? two;
  return [Math.min(1, 2 * two[0] - four[0]), Math.min(1, 2 * two[1] - four[1])];
};

const study = 'Qiu et al., ModServe, SoCC 2025, arXiv 2502.00937';
const splitwise = 'github.com/Mutinifni/splitwise-sim, data/perf_model.csv (MIT)';

const sourcesOf = (model: StudyModel): readonly ProfileSource[] => [
  {
    ...{ id: 'study', kind: 'published' },
    text: `${study}: table of models (tiles, image tokens, GPUs, leaderboard score).`,
  },
  {
    ...{ id: 'encode-share', kind: 'derived' },
    text:
      `${study}, characterisation: encoding is ${((model.encodeShare ?? 0) * 100).toFixed(0)} % of the time to the first token` +
      ` on ${model.studyGpus} A100s; latency linear in the batch. Time of the prompt as in "prompts", with ${assumed.textTokens}` +
      ' text tokens beside the picture (assumed); preprocessing on processors left out. Where that would need more than half of' +
      ' the peak arithmetic (assumed bound), both stages are slowed in proportion.',
  },
  {
    ...{ id: 'encode-scaled', kind: 'assumed' },
    text:
      model.encodeShare === undefined
        ? `${study}: InternViT-6B takes about ten times SigLIP-400M's time (published), from NVLM-D's. Speeds on 1, 2, 4, 8 GPUs assumed: ${speedText(model)}.`
        : `Speeds on 1, 2, 4, 8 GPUs assumed: ${speedText(model)}. Published (${study}): InternViT gains 1.3x from 4 to 8, ViT-H is worse on 8 than on 4.`,
  },
  {
    ...{ id: 'prompts', kind: 'derived' },
    text:
      `Median prompt times and peak powers of Llama 2 70B on A100 80 GB: ${splitwise}; times by parameters, ${model.parametersB} ÷ 69` +
      ` (assumed proportional); one GPU takes ${assumed.oneGpuTimes} times as long as two (assumed).`,
  },
  {
    ...{ id: 'prompt-batches', kind: 'assumed' },
    text:
      `${study}, characterisation: batches of prompts bring ${model.reading === 'cross-attention' ? 'a gain with cross-attention' : 'nothing to decoder-only models, a little to NVLM-D'}` +
      ` (published). That four take ${model.fourPromptsTimes} times as long as one is assumed.`,
  },
  {
    ...{ id: 'decode-scaled', kind: 'derived' },
    text:
      `Median time a token of ${model.decodesLike} on H100: The ML.ENERGY Leaderboard (NeurIPS D&B 2025), lm-arena-chat, a line over` +
      ` batches of up to 256; times 3.35 ÷ 2.039 TB/s of memory (the maker's data sheets, as quoted in public) and parameters; each doubling of GPUs` +
      ` ${assumed.decodeDoubling[model.decodesLike]} (assumed). Contexts beyond 512 tokens add reading their keys and values at 80 % of the bandwidth` +
      ` (assumed). Power: means of decoding Llama 2 70B, ${splitwise}; on one GPU gone on to.`,
  },
  {
    ...{ id: 'assumptions', kind: 'assumed' },
    text:
      'idle_w, start_s, clock_fixed_share, media_token_share, power of encoding (85 % of 400 W), 90 % of memory for weights and KV' +
      ' cache.',
  },
  {
    ...{ id: 'shape', kind: 'published' },
    text: `hidden_size, context_max_tokens, kv_bytes_per_token (two bytes for each key and value) and parameters (times and memory follow them): ${model.shapeSource}.`,
  },
];

const speedText = (model: StudyModel): string =>
  Object.values(assumed.encodeSpeed[model.encoder]).join(', ');
