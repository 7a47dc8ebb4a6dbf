import { logarithm } from '@isotherm/kernel';

/** What kind of work heats a GPU; `other` is a tenant's own (training, say). */
export const workKinds = ['encode', 'prefill', 'decode', 'other'] as const;
export type WorkKind = (typeof workKinds)[number];

/** What a GPU is asked to do. */
export interface GpuDemand {
  readonly stage: WorkKind;
  /** Share of the time that it computes, 0 to 1. */
  readonly utilisation: number;
  /** Sequences in a step, prompts in a run, media in a batch. */
  readonly batch: number;
  /** As in `bf16`, `fp8`, `int8`; what is not known counts as 16 bits. */
  readonly precision: string;
  /** Requested clock ÷ the highest, 0 to 1. */
  readonly clockShare: number;
  readonly powerLimitW?: number | undefined;
  /** GPUs that the model is split over; 1 where absent. */
  readonly tensorParallel?: number | undefined;
  /** Parameters that a token meets, in billions; the class's typical where absent. */
  readonly activeParametersB?: number | undefined;
  /** All its parameters, in billions; as many as the active ones where absent. */
  readonly totalParametersB?: number | undefined;
  /** Tokens of a prompt, for prefill; 512 where absent. */
  readonly promptTokens?: number | undefined;
}

/**
 * Mean power of one kind of work while it computes at full clock, as a share of the rated power (TDP): linear in
 * the logarithms of what it depends on, between two bounds.
 */
export interface StagePower {
  /** At one sequence (or 512 tokens of prefill) on one GPU, 16 bits, a model of 8 billion active parameters. */
  readonly share: number;
  /** Added by each doubling of the batch (prefill: of the tokens). */
  readonly perDoubledBatch: number;
  readonly perDoubledTensorParallel: number;
  readonly perDoubledParameters: number;
  readonly perDoubledTotalParameters: number;
  /** Added by weights of 8 bits or fewer. */
  readonly lowPrecision: number;
  readonly shareMin: number;
  readonly shareMax: number;
  /** Assumed: how much of what comes on top of idle power goes into the memory. */
  readonly memoryShare: number;
  /** Assumed: how much of it does not follow the core's clock. */
  readonly clockFixedShare: number;
}

export interface GpuPowerParameters {
  /** Thermal design power: what the board may draw, and its power limit where none is set. */
  readonly ratedW: number;
  readonly idleW: number;
  /** Assumed: how much of idle power goes into the memory. */
  readonly idleMemoryShare: number;
  readonly stages: Readonly<Record<WorkKind, StagePower>>;
  /** Assumed: voltage at no clock ÷ voltage at full clock, on a straight line. */
  readonly voltageMinShare: number;
}

const referenceParametersB = 8;
const referencePromptTokens = 512;

/** Share of the rated power while it computes at full clock. */
export const busyShare = (parameters: GpuPowerParameters, demand: GpuDemand): number => {
  const stage = parameters.stages[demand.stage];
  const promptShare = (demand.promptTokens ?? referencePromptTokens) / referencePromptTokens;
  const work = demand.stage === 'prefill' ? demand.batch * promptShare : demand.batch;
  const activeParametersB = demand.activeParametersB ?? referenceParametersB;
  const totalParametersB = demand.totalParametersB ?? activeParametersB;
  const share =
    stage.share +
    stage.perDoubledBatch * doublings(work) +
    stage.perDoubledTensorParallel * doublings(demand.tensorParallel ?? 1) +
    stage.perDoubledParameters * doublings(activeParametersB / referenceParametersB) +
    stage.perDoubledTotalParameters * doublings(totalParametersB / referenceParametersB) +
    (isLowPrecision(demand.precision) ? stage.lowPrecision : 0);
  return clamp(share, stage.shareMin, stage.shareMax);
};

/** What the demand adds to idle power at full clock. */
export const dynamicPowerW = (parameters: GpuPowerParameters, demand: GpuDemand): number =>
  Math.max(0, busyShare(parameters, demand) * parameters.ratedW - parameters.idleW) *
  clamp(demand.utilisation, 0, 1);

/**
 * How much of the dynamic power is left at a lower clock (assumed): a part stays, the rest goes with clock ×
 * voltage², and the voltage falls with the clock.
 */
export const clockPowerShare = (
  clockShare: number,
  clockFixedShare: number,
  voltageMinShare: number,
): number => {
  const clock = clamp(clockShare, 0, 1);
  const voltage = voltageMinShare + (1 - voltageMinShare) * clock;
  return clockFixedShare + (1 - clockFixedShare) * clock * voltage * voltage;
};

/** The GPU's mean power for a demand, before any limit. */
export const predictGpuPowerW = (parameters: GpuPowerParameters, demand: GpuDemand): number => {
  const { clockFixedShare } = parameters.stages[demand.stage];
  const clockShare = clockPowerShare(
    demand.clockShare,
    clockFixedShare,
    parameters.voltageMinShare,
  );
  return parameters.idleW + dynamicPowerW(parameters, demand) * clockShare;
};

/** The part of a GPU's power that its memory turns into heat. */
export const memoryPowerW = (
  parameters: GpuPowerParameters,
  stage: WorkKind,
  powerW: number,
): number =>
  parameters.idleMemoryShare * Math.min(powerW, parameters.idleW) +
  parameters.stages[stage].memoryShare * Math.max(0, powerW - parameters.idleW);

const bisections = 20;

/** The highest clock at which the demand's power is within a limit; at least `clockMinShare`. */
export const clockForPower = (
  parameters: GpuPowerParameters,
  demand: GpuDemand,
  limitW: number,
  clockMinShare: number,
): number => {
  if (predictGpuPowerW(parameters, demand) <= limitW) return demand.clockShare;
  const { clockFixedShare } = parameters.stages[demand.stage];
  const dynamicW = dynamicPowerW(parameters, demand);
  const wantedShare = dynamicW > 0 ? (limitW - parameters.idleW) / dynamicW : 1;
  return clockForPowerShare(wantedShare, {
    ...{ clockFixedShare, voltageMinShare: parameters.voltageMinShare },
    ...{ clockMinShare, clockMaxShare: demand.clockShare },
  });
};

/** The inverse of `clockPowerShare` within bounds; the lower bound where the share cannot be had. */
export const clockForPowerShare = (
  powerShare: number,
  bounds: {
    readonly clockFixedShare: number;
    readonly voltageMinShare: number;
    readonly clockMinShare: number;
    readonly clockMaxShare: number;
  },
): number => {
  const shareAt = (clock: number): number =>
    clockPowerShare(clock, bounds.clockFixedShare, bounds.voltageMinShare);
  let low = Math.min(bounds.clockMinShare, bounds.clockMaxShare);
  let high = bounds.clockMaxShare;
  if (shareAt(high) <= powerShare) return high;
  if (shareAt(low) >= powerShare) return low;
  for (let step = 0; step < bisections; step += 1) {
    const middle = (low + high) / 2;
    if (shareAt(middle) <= powerShare) low = middle;
    else high = middle;
  }
  return low;
};

const doublings = (ratio: number): number => (ratio > 0 ? logarithm(ratio) / Math.LN2 : 0);

const lowPrecisions: ReadonlySet<string> = new Set([
  'fp8',
  'int8',
  'int4',
  'fp4',
  'mxfp4',
  'nvfp4',
]);

/** Whether weights have 8 bits or fewer. */
export const isLowPrecision = (precision: string): boolean => lowPrecisions.has(precision);

const clamp = (value: number, min: number, max: number): number =>
  value >= min ? Math.min(value, max) : min;
