/** What one arm of the room bench goes through. */
export interface RoomParameters {
  /** Instances of each stage; each stands for a server of eight GPUs. */
  readonly shape: { readonly encoder: number; readonly prefill: number; readonly decode: number };
  /** Times that the engines take, in milliseconds. */
  readonly profile: Readonly<Record<string, number>>;
  /** Poisson arrivals a second, and tokens of each answer. */
  readonly perS: number;
  readonly answerTokens: number;
  readonly seed: number;
  /** Seconds of plant time that pass in a second. */
  readonly timeScale: number;
  /** Plain load first, then everything that goes wrong, in milliseconds. */
  readonly calmMs: number;
  readonly hotMs: number;
  /** The heat wave, in K, and what is left of one aisle's cooling. */
  readonly heatWaveK: number;
  readonly coolingShare: number;
  /** Outside, in °C, and how busy customers' own machines are, 0 to 1. */
  readonly outsideC: number;
  readonly opaqueUtilisation: number;
}

const load = {
  shape: { encoder: 2, prefill: 2, decode: 4 },
  profile: {
    ...{ encodeBatchMs: 20, encodeMediumMs: 60, prefillPromptMs: 90, decodeStepMs: 25 },
    ...{ decodeSequenceMs: 1, slots: 16 },
  },
  ...{ perS: 9, answerTokens: 24, seed: 11 },
  ...{ heatWaveK: 8, coolingShare: 0.45, outsideC: 26, opaqueUtilisation: 1 },
};

export const fullRoom: RoomParameters = { ...load, timeScale: 30, calmMs: 6_000, hotMs: 28_000 };
export const quickRoom: RoomParameters = { ...load, timeScale: 40, calmMs: 3_000, hotMs: 15_000 };
