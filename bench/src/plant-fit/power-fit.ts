import { seededRandom } from '@isotherm/kernel';
import { dot, fitLinear, type Sample } from './least-squares.ts';
import type { PhasePower, ServingPower } from './serving-power.ts';

const options = { ridgeShare: 1e-3, ridgeFrom: 1, robustRounds: 0 };
const shareMin = 0.15;

/** A configuration as a sample, and the group that is held out together. */
export interface GroupedSample extends Sample {
  readonly group: string;
}

const doublings = (value: number): number => Math.log2(Math.max(value, 1e-3));
/** What StagePower of packages/plant refers its coefficients to. */
const referenceParametersB = 8;
const referenceTokens = 512;

/** The features of `busyShare` in packages/plant, in its order, and the kind of GPU after them. */
export const servingSample = (row: ServingPower): GroupedSample => ({
  group: row.family,
  features: [
    ...[1, Math.max(0, doublings(row.batch)), doublings(row.gpus)],
    doublings(row.activeParametersB / referenceParametersB),
    doublings(row.totalParametersB / referenceParametersB),
    ...[row.isLowPrecision ? 1 : 0, row.gpu === 'B200' ? 1 : 0],
  ],
  target: row.powerShare,
});

/** Prompts: peaks, where a prompt was long enough to be caught; no peak counts as more than the rated power. */
export const prefillSample = (row: PhasePower): GroupedSample => ({
  group: row.model,
  features: [
    ...[1, doublings((row.batch * row.promptTokens) / referenceTokens)],
    doublings(row.tensorParallel),
  ],
  target: Math.min(1, row.peakShare),
});

/** Means over whole answers of 128 tokens, which decode takes nearly all the time of. */
export const decodeSample = (row: PhasePower): GroupedSample => ({
  group: row.model,
  features: [1, doublings(row.batch), doublings(row.tensorParallel)],
  target: row.averageShare,
});

/** Runs of 8,192 tokens whose means are near idle are left out: most of their time nothing ran. */
export const promptTokensMax = 4_096;

export interface HeldOutError {
  /** Mean |error| ÷ measured power, of groups that were not fitted, and of the mean of the others instead. */
  readonly errorShare: number;
  readonly naiveErrorShare: number;
  readonly count: number;
  readonly byGroup: Readonly<Record<string, GroupError>>;
}

export interface GroupError {
  readonly errorShare: number;
  readonly naiveErrorShare: number;
  readonly count: number;
}

/** Fits on all groups but one and predicts that one, for each. */
export const leaveGroupsOut = (samples: readonly GroupedSample[]): HeldOutError => {
  const groups = [...new Set(samples.map(({ group }) => group))].toSorted();
  const said = groups.flatMap((group) => {
    const train = samples.filter((sample) => sample.group !== group);
    const model = fitLinear(train, options);
    const naive = train.reduce((sum, { target }) => sum + target, 0) / train.length;
    return samples
      .filter((sample) => sample.group === group)
      .map(({ features, target }) => {
        const predicted = Math.min(1, Math.max(shareMin, dot(model, features)));
        return { group, measured: target, predicted, naive };
      });
  });
  const errorOf = (list: typeof said): GroupError => {
    const mean = (of: (one: (typeof said)[number]) => number): number =>
      list.reduce((sum, one) => sum + Math.abs(of(one) - one.measured) / one.measured, 0) /
      list.length;
    return {
      errorShare: mean(({ predicted }) => predicted),
      naiveErrorShare: mean(({ naive }) => naive),
      count: list.length,
    };
  };
  return {
    ...errorOf(said),
    byGroup: Object.fromEntries(
      groups.map((group) => [group, errorOf(said.filter((one) => one.group === group))]),
    ),
  };
};

const folds = 10;
const seed = 20_261_130;

/** The same with tenths drawn at random instead of families: configurations of a model that is known. */
export const leaveTenthsOut = (samples: readonly GroupedSample[]): HeldOutError => {
  const random = seededRandom(seed);
  return leaveGroupsOut(
    samples.map((sample) => ({ ...sample, group: `fold ${Math.floor(random() * folds)}` })),
  );
};

export const fitPower = (samples: readonly GroupedSample[]): readonly number[] =>
  fitLinear(samples, options);
