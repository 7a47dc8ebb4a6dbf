import { assumedBreakerCurve, assumedUpsCurve, gpuClasses, tripSecondsOf } from '@isotherm/plant';
import type { Driven } from '../overload/drive-classes.ts';
import { percentile, round } from '../report/percentiles.ts';
import type { EmergencySample } from './emergency-sample.ts';
import type { EmergencyParameters } from './kinds.ts';

/** What became of the room, of opaque tenants and of our own work, while an emergency was on and after. */
export interface EmergencyOutcome {
  readonly shutDowns: number;
  /** Rows and UPS units that went dark, but for the one that was taken away. */
  readonly breakersTripped: number;
  /** Longest time in which some row or UPS was above its limit, in plant seconds. */
  readonly overloadS: number;
  /** The greatest power of a row or UPS ÷ its limit while it was on, and how long a breaker or a UPS of this room carries that, in seconds. */
  readonly loadShareMax: number;
  readonly tripAfterS: number;
  readonly throttleEvents: number;
  readonly coreMaxC: number;
  /** How far that is below where GPUs of this room shut down, in K. */
  readonly shutdownMarginK: number;
  /** Plant seconds in which servers of opaque tenants were slowed, added up, and what they did not draw for it, in Wh. */
  readonly opaqueSlowedServerS: number;
  readonly opaqueLostWh: number;
  /** Good answers ÷ requests of the time in which it was on. */
  readonly goodputShare: number;
  readonly p99Ms: number;
  /** From the end on until nobody was slowed and answers came as before, in seconds; NaN: not in the time that was looked at. */
  readonly recoveryS: number;
  readonly lost: number;
  readonly refused: number;
}

export interface EmergencyRun {
  readonly driven: readonly Driven[];
  /** Calm, while it was on, and after. */
  readonly before: readonly EmergencySample[];
  readonly during: readonly EmergencySample[];
  readonly after: readonly EmergencySample[];
  /** The UPS that was taken away. */
  readonly taken: string;
  readonly timeScale: number;
}

export const emergencyOutcome = (
  run: EmergencyRun,
  { calmMs, onMs, goodMs }: Pick<EmergencyParameters, 'calmMs' | 'onMs' | 'goodMs'>,
): EmergencyOutcome => {
  const { driven, before, during, after } = run;
  const all = [...before, ...during, ...after];
  const on = driven.filter(({ atMs }) => atMs >= calmMs && atMs < calmMs + onMs);
  const took = ({ outcome }: Driven): number =>
    outcome.kind === 'answered' ? outcome.wholeMs : Infinity;
  const good = on.filter((each) => took(each) <= goodMs).length;
  const answered = driven.filter(({ outcome }) => outcome.kind === 'answered').length;
  const refused = driven.filter(({ outcome }) => outcome.kind === 'refused').length;
  const coreMaxC = Math.max(0, ...all.map((sample) => sample.coreMaxC));
  const loadShareMax = Math.max(0, ...during.map(({ loadShare }) => loadShare));
  return {
    shutDowns: Math.max(0, ...all.map(({ shutDownGpus }) => shutDownGpus)),
    breakersTripped: new Set(all.flatMap(({ dark }) => dark.filter((id) => id !== run.taken))).size,
    overloadS: round(longestOverS(all)),
    loadShareMax: round(loadShareMax),
    tripAfterS: round(
      Math.min(
        ...[assumedBreakerCurve, assumedUpsCurve].map((curve) =>
          tripSecondsOf(curve, loadShareMax),
        ),
      ),
    ),
    throttleEvents: Object.values(all.at(-1)?.throttleEvents ?? {}).reduce((sum, n) => sum + n, 0),
    coreMaxC: round(coreMaxC),
    shutdownMarginK: round(gpuClasses['h100-sxm'].limits.shutdownC - coreMaxC),
    opaqueSlowedServerS: round(sumOver([...during, ...after], ({ opaqueSlowed }) => opaqueSlowed)),
    opaqueLostWh: round(lostWh(before, [...during, ...after])),
    goodputShare: round(good / Math.max(1, on.length)),
    p99Ms: round(percentile(on.map(took).filter(Number.isFinite), 0.99)),
    recoveryS: round(recoveryS(run, calmMs, calmMs + onMs)),
    ...{ lost: driven.length - answered - refused, refused },
  };
};

/** The integral of something over plant time. */
const sumOver = (
  samples: readonly EmergencySample[],
  of: (sample: EmergencySample) => number,
): number =>
  samples.reduce((sum, sample, at) => {
    const next = samples[at + 1];
    return next === undefined ? sum : sum + of(sample) * (next.plantS - sample.plantS);
  }, 0);

/** What GPUs of opaque tenants drew less than before while any of them was slowed. */
const lostWh = (
  before: readonly EmergencySample[],
  samples: readonly EmergencySample[],
): number => {
  const usualW = before.at(-1)?.opaqueGpuW ?? 0;
  const lostW = ({ opaqueSlowed, opaqueGpuW }: EmergencySample): number =>
    opaqueSlowed > 0 ? Math.max(0, usualW - opaqueGpuW) : 0;
  return sumOver(samples, lostW) / 3_600;
};

const longestOverS = (samples: readonly EmergencySample[]): number => {
  let longestS = 0;
  let sinceS: number | undefined;
  for (const { plantS, loadShare } of samples) {
    if (loadShare <= 1) sinceS = undefined;
    else longestS = Math.max(longestS, plantS - (sinceS ??= plantS));
  }
  return longestS;
};

/** Slower than this ÷ the slowest of the calm time is not as before. */
const slowRatio = 1.3;

const recoveryS = (
  { driven, after, timeScale }: EmergencyRun,
  calmMs: number,
  endMs: number,
): number => {
  const took = ({ outcome }: Driven): number =>
    outcome.kind === 'answered' ? outcome.wholeMs : Infinity;
  const calm = driven.filter(({ atMs }) => atMs < calmMs).map(took);
  const late = driven.filter(
    (each) => each.atMs >= endMs && took(each) > slowRatio * percentile(calm, 0.95),
  );
  const lastMs = Math.max(endMs, ...late.map(({ atMs }) => atMs));
  const slowed = after.filter(({ opaqueSlowed }) => opaqueSlowed > 0);
  const slowedS = ((slowed.at(-1)?.plantS ?? 0) - (after[0]?.plantS ?? 0)) / timeScale;
  const isOver = after.at(-1)?.opaqueSlowed === 0 && (driven.at(-1)?.atMs ?? 0) > lastMs;
  return isOver ? Math.max(0, slowedS, (lastMs - endMs) / 1000) : Number.NaN;
};
