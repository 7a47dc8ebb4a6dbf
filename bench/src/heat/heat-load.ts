/** What serves in a room, and what it is asked. */
export interface HeatLoad {
  /** Instances of each stage; each stands for a server of eight GPUs. */
  readonly shape: { readonly encoder: number; readonly prefill: number; readonly decode: number };
  /** Times that the engines take, in milliseconds. */
  readonly profile: Readonly<Record<string, number>>;
  /** Poisson arrivals a second, and tokens of each answer. */
  readonly perS: number;
  readonly answerTokens: number;
  readonly seed: number;
  /** Outside, in °C, and how busy customers' own machines are, 0 to 1. */
  readonly outsideC: number;
  readonly opaqueUtilisation: number;
}

/** Eight instances with a third of their capacity in use, on a warm day. */
export const heatLoad: HeatLoad = {
  shape: { encoder: 2, prefill: 2, decode: 4 },
  profile: {
    ...{ encodeBatchMs: 20, encodeMediumMs: 60, prefillPromptMs: 90, decodeStepMs: 25 },
    ...{ decodeSequenceMs: 1, slots: 16 },
  },
  ...{ perS: 9, answerTokens: 24, seed: 11, outsideC: 26, opaqueUtilisation: 1 },
};
