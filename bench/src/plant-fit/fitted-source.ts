import type { RiseCurve } from './temperature-fit.ts';

/** A class of GPUs as packages/plant keeps it. */
export interface FittedClass {
  readonly curve: RiseCurve;
  readonly staticMaeC: number;
  readonly onlineMaeC: number;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The text of packages/plant/src/fitted/fitted-temperatures.ts. */
export const temperatureSource = (classes: Readonly<Record<string, FittedClass>>): string => {
  const entries = Object.entries(classes).map(([name, { curve, staticMaeC, onlineMaeC }]) => {
    const points = curve.rise.map(
      ({ powerW, riseK }) =>
        `      { powerW: ${rounded(powerW, 0)}, riseK: ${rounded(riseK, 2)} },`,
    );
    return [
      `  ${name}: {`,
      `    baseC: ${rounded(curve.baseC, 2)},`,
      '    rise: [',
      ...points,
      '    ],',
      `    staticMaeC: ${rounded(staticMaeC, 2)},`,
      `    onlineMaeC: ${rounded(onlineMaeC, 2)},`,
      '  },',
    ].join('\n');
  });
  return `import type { RisePoint } from '../predict/gpu-temperature.ts';

/** What the fit found for a class; \`baseC\` is the temperature at no power, in a room of unknown inlet. */
export interface FittedTemperature {
  readonly baseC: number;
  readonly rise: readonly RisePoint[];
  /** Mean absolute error in K, on months that were predicted from earlier ones. */
  readonly staticMaeC: number;
  /** The same with an offset and a scale that follow what was measured before each hour. */
  readonly onlineMaeC: number;
}

/**
 * Written by \`npm run bench -- plant-fit\`; not to be edited. Source: hourly means of servers of BioHPC, 2022 to
 * 2025 (github.com/charlottegressel/dc_workload_pipeline, MIT). Fitted on all months; errors are of held-out ones.
 */
export const fittedTemperatures = {
${entries.join('\n')}
} as const satisfies Readonly<Record<string, FittedTemperature>>;
`;
};

export interface FittedStages {
  /** 1, doublings of batch, of GPUs, of active and of all parameters, low precision. */
  readonly serving: readonly number[];
  /** 1, doublings of tokens, of GPUs. */
  readonly prefill: readonly number[];
}

/** The text of packages/plant/src/fitted/fitted-power.ts. */
export const powerSource = ({ serving, prefill }: FittedStages): string => {
  const at = (list: readonly number[], index: number): number => rounded(list[index] ?? 0, 4);
  return `/**
 * Written by \`npm run bench -- plant-fit\`; not to be edited. Shares of the rated power.
 * \`serving\`: mean power of served language models on H100 (The ML.ENERGY Leaderboard, NeurIPS D&B 2025), by doublings.
 * \`prefill\`: peaks of Llama 2 70B's and BLOOM 176B's prompts on A100 (github.com/Mutinifni/splitwise-sim, MIT).
 */
export const fittedPower = {
  serving: {
    share: ${at(serving, 0)},
    perDoubledBatch: ${at(serving, 1)},
    perDoubledTensorParallel: ${at(serving, 2)},
    perDoubledParameters: ${at(serving, 3)},
    perDoubledTotalParameters: ${at(serving, 4)},
    lowPrecision: ${at(serving, 5)},
  },
  prefill: {
    share: ${at(prefill, 0)},
    perDoubledBatch: ${at(prefill, 1)},
    perDoubledTensorParallel: ${at(prefill, 2)},
  },
} as const;
`;
};
