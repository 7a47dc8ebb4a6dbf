/** A model of the ModServe study, as published, and its language model, by its configuration file. */
export interface StudyModel {
  readonly name: string;
  readonly model: string;
  readonly reading: 'decoder-only' | 'cross-attention';
  readonly encoder: 'vit-h-14' | 'siglip-400m' | 'internvit-6b';
  /** Tokens of one tile, and of one picture of 896 × 896. */
  readonly tileTokens: number;
  readonly imageTokens: number;
  /** GPUs that the study ran it on. */
  readonly studyGpus: 4 | 8;
  /** Mean score of the Open VLM leaderboard ÷ 100. */
  readonly quality: number;
  /** Share of the time to the first token that encoding takes; absent: not published. */
  readonly encodeShare?: number;
  /** Time of a batch of four prompts ÷ that of one. */
  readonly fourPromptsTimes: number;
  readonly parametersB: number;
  readonly hiddenSize: number;
  readonly kvBytesPerToken: number;
  readonly contextMaxTokens: number;
  /** Where these four are from. */
  readonly shapeSource: string;
  /** Whose time a token is taken for its own, of The ML.ENERGY Leaderboard on H100. */
  readonly decodesLike: 'llama-3.1-8b' | 'qwen-3-14b' | 'llama-3.1-70b';
}

/** Of keys and values, two bytes each. */
const kvBytes = (layers: number, heads: number, headSize: number): number =>
  2 * 2 * layers * heads * headSize;

const llama8 = {
  ...{ parametersB: 8.03, hiddenSize: 4096, contextMaxTokens: 131_072 },
  kvBytesPerToken: kvBytes(32, 8, 128),
  decodesLike: 'llama-3.1-8b' as const,
  shapeSource:
    'config.json of meta-llama/Llama-3.1-8B (32 layers of 4096, 8 KV heads of 128, 131,072 positions), 8,030,261,248 parameters; as' +
    ' given in configs/recipes/llama3_1 of oumi and in thamada/modelQuery; Llama 3.2 Vision 11B adds cross-attention layers, which are left out',
};
const llama70 = {
  ...{ parametersB: 70.6, hiddenSize: 8192, contextMaxTokens: 131_072 },
  kvBytesPerToken: kvBytes(80, 8, 128),
  decodesLike: 'llama-3.1-70b' as const,
  shapeSource:
    'config.json of meta-llama/Llama-3.1-70B (80 layers of 8192, 8 KV heads of 128, 131,072 positions), 70,562,938,880 parameters; as' +
    ' given in configs/recipes/llama3_1 of oumi and in thamada/modelQuery; Llama 3.2 Vision 90B adds cross-attention layers, which are left out',
};
const qwen7 = {
  ...{ parametersB: 7.62, hiddenSize: 3584, contextMaxTokens: 32_768 },
  kvBytesPerToken: kvBytes(28, 4, 128),
  decodesLike: 'llama-3.1-8b' as const,
  shapeSource:
    'Qwen2 Technical Report (arXiv 2407.10671), table of architectures, and config.json of Qwen/Qwen2-7B-Instruct (28 layers of 3584, 4 KV' +
    ' heads of 128, intermediate 18944, vocabulary 152,064, 32,768 positions); parameters counted from that',
};
const qwen72 = {
  ...{ parametersB: 72.7, hiddenSize: 8192, contextMaxTokens: 32_768 },
  kvBytesPerToken: kvBytes(80, 8, 128),
  decodesLike: 'llama-3.1-70b' as const,
  shapeSource:
    'Qwen2 Technical Report (arXiv 2407.10671), table of architectures, and config.json of Qwen/Qwen2-72B-Instruct (80 layers of 8192, 8 KV' +
    ' heads of 128, intermediate 29568, vocabulary 152,064, 32,768 positions; the same in that of nvidia/NVLM-D-72B); parameters counted from that',
};
const internlm20 = {
  ...{ parametersB: 19.9, hiddenSize: 6144, contextMaxTokens: 32_768 },
  kvBytesPerToken: kvBytes(48, 8, 128),
  decodesLike: 'qwen-3-14b' as const,
  shapeSource:
    'config.json of internlm/internlm2-20b (48 layers of 6144, 8 KV heads of 128, intermediate 16384, vocabulary 92,544, 32,768' +
    " positions); InternVL-2.5 26B has internlm2_5-20b-chat (OpenGVLab's list of models), taken to be of the same shape; parameters counted from that",
};

const llamaVision = {
  ...{ reading: 'cross-attention' as const, encoder: 'vit-h-14' as const },
  ...{ tileTokens: 1601, imageTokens: 6404, fourPromptsTimes: 2.5 },
};
const llavaOneVision = {
  ...{ reading: 'decoder-only' as const, encoder: 'siglip-400m' as const },
  ...{ tileTokens: 729, imageTokens: 7290, fourPromptsTimes: 4 },
};
const internVit = {
  ...{ reading: 'decoder-only' as const, encoder: 'internvit-6b' as const },
  ...{ tileTokens: 256, imageTokens: 1280 },
};

/** Table of models and text of the characterisation (arXiv 2502.00937); factors of four prompts are assumed. */
export const studyModels: readonly StudyModel[] = [
  {
    ...{ name: 'llama-3.2-vision-11b', model: 'Llama 3.2 Vision 11B', ...llamaVision, ...llama8 },
    ...{ studyGpus: 4, quality: 0.578, encodeShare: 0.79 },
  },
  {
    ...{ name: 'llama-3.2-vision-90b', model: 'Llama 3.2 Vision 90B', ...llamaVision, ...llama70 },
    ...{ studyGpus: 8, quality: 0.634, encodeShare: 0.65 },
  },
  {
    ...{ name: 'llava-onevision-7b', model: 'LLaVA-OneVision 7B', ...llavaOneVision, ...qwen7 },
    ...{ studyGpus: 4, quality: 0.601 },
  },
  {
    ...{ name: 'llava-onevision-72b', model: 'LLaVA-OneVision 72B', ...llavaOneVision, ...qwen72 },
    ...{ studyGpus: 8, quality: 0.68 },
  },
  {
    ...{ name: 'internvl-2.5-26b', model: 'InternVL-2.5 26B', ...internVit, ...internlm20 },
    ...{ studyGpus: 8, quality: 0.716, encodeShare: 0.25, fourPromptsTimes: 4 },
  },
  {
    ...{ name: 'nvlm-d-72b', model: 'NVLM-D 72B', ...internVit, ...qwen72 },
    ...{ studyGpus: 8, quality: 0.676, encodeShare: 0.54, fourPromptsTimes: 3.7 },
  },
];
