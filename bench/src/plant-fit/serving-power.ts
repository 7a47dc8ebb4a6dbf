/** One measured configuration of a served model: mean power of a GPU while it serves. */
export interface ServingPower {
  readonly family: string;
  readonly task: string;
  readonly gpu: string;
  readonly powerShare: number;
  readonly batch: number;
  readonly gpus: number;
  readonly activeParametersB: number;
  readonly totalParametersB: number;
  readonly isLowPrecision: boolean;
}

/** Thermal design powers by datasheet, in W. */
export const ratedW: Readonly<Record<string, number>> = { H100: 700, B200: 1000 };

/** Names of model families, the more special first; what fits none is a family of its own. */
const families = [
  ...['qwen3-vl', 'qwen3-omni', 'qwen3-coder', 'qwen3', 'nemotron', 'llama-3', 'llama-4'],
  ...['gemma', 'gpt-oss', 'deepseek', 'stable-diffusion', 'sana', 'pixart', 'hunyuandit'],
  ...['hunyuanvideo', 'flux', 'wan2', 'cogvideox'],
];

export const familyOf = (modelId: string): string => {
  const name = (modelId.split('/').at(-1) ?? modelId).toLowerCase();
  return families.find((family) => name.includes(family)) ?? name;
};

/** Configurations of one task's JSON; those that lack a figure are left out. */
export const parseServingPower = (text: string): readonly ServingPower[] => {
  const { task, configurations } = JSON.parse(text) as {
    readonly task?: string;
    readonly configurations?: readonly Readonly<Record<string, unknown>>[];
  };
  if (!Array.isArray(configurations)) throw new Error('no configurations');
  return configurations.flatMap((configuration: Readonly<Record<string, unknown>>) => {
    const number = (name: string): number => Number(configuration[name] ?? Number.NaN);
    const gpu = String(configuration['gpu_model']);
    const gpus = number('num_gpus');
    const row: ServingPower = {
      ...{ family: familyOf(String(configuration['model_id'])), task: String(task), gpu, gpus },
      powerShare: number('avg_power_watts') / gpus / (ratedW[gpu] ?? Number.NaN),
      batch: number('avg_batch_size' in configuration ? 'avg_batch_size' : 'batch_size'),
      activeParametersB: number('activated_params_billions'),
      totalParametersB: number('total_params_billions'),
      isLowPrecision: configuration['weight_precision'] !== 'bfloat16',
    };
    const figures = [row.powerShare, row.batch, gpus, row.activeParametersB, row.totalParametersB];
    return figures.every((value) => value > 0 && Number.isFinite(value)) ? [row] : [];
  });
};

/** One run of the splitwise measurements, in shares of the rated power. */
export interface PhasePower {
  readonly model: string;
  readonly hardware: string;
  readonly promptTokens: number;
  readonly batch: number;
  readonly tensorParallel: number;
  readonly peakShare: number;
  readonly averageShare: number;
}

/** Rows of perf_model.csv that have a power: 0.0 says that none was measured. */
export const parsePhasePower = (text: string): readonly PhasePower[] => {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.flatMap((line) => {
    const fields = line.split(',');
    const field = (name: string): string => fields[names.indexOf(name)] ?? '';
    const row: PhasePower = {
      ...{ model: field('model'), hardware: field('hardware') },
      promptTokens: Number(field('prompt_size')),
      batch: Number(field('batch_size')),
      tensorParallel: Number(field('tensor_parallel')),
      peakShare: Number(field('peak_power')),
      averageShare: Number(field('average_power')),
    };
    return row.peakShare > 0 && row.averageShare > 0 ? [row] : [];
  });
};
