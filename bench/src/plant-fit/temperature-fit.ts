import type { Hour } from './hourly.ts';
import { dot, fitLinear, type Sample } from './least-squares.ts';

/** Where the line of temperature over power may bend. */
export const knotsW: readonly number[] = [60, 120, 180, 240];
/** Months that come before the first one that is predicted. */
export const trainMonthsMin = 3;
/** Bends are held small, or few hours at rare powers would make steps of the curve. */
const options = { ridgeShare: 1, ridgeFrom: 2, robustRounds: 8 };

const bends = (powerW: number): readonly number[] => [
  1,
  powerW,
  ...knotsW.map((knotW) => Math.max(0, powerW - knotW)),
];

/**
 * What an hour's mean temperature is linear in. An hour (and a pair of GPUs) is taken for a mixture of its least and its
 * greatest power, in the shares that give its mean: a bent line of the mean would be wrong for it.
 */
export const featuresOf = ({ powerW, powerMinW, powerMaxW }: Hour): readonly number[] => {
  const span = powerMaxW - powerMinW;
  const share = span > 0 ? Math.min(1, Math.max(0, (powerW - powerMinW) / span)) : 0;
  const [low, high] = [bends(powerMinW), bends(powerMaxW)];
  return low.map((value, index) => share * (high[index] ?? 0) + (1 - share) * value);
};

interface Featured extends Sample {
  readonly hour: Hour;
}

const featured = (hours: readonly Hour[]): readonly Featured[] =>
  hours.map((hour) => ({ hour, features: featuresOf(hour), target: hour.temperatureC }));

export const fitTemperature = (hours: readonly Hour[]): readonly number[] =>
  fitLinear(featured(hours), options);

/** An hour of a month that the model had not seen, and what each way of predicting said. */
export interface Prediction {
  readonly hour: Hour;
  /** Fitted on earlier months only. */
  readonly modelC: number;
  /** The same, with what hours before this one showed of the room and the server. */
  readonly onlineC: number;
  readonly trainMeanC: number;
  readonly lastMonthMeanC: number;
  /** The hour before. */
  readonly lastHourC: number;
  /** Whether power changed by more than `changeW` since the hour before. */
  readonly isChange: boolean;
}

const changeW = 50;

/**
 * Predicts each month from the earlier ones, oldest first: nothing that is said of an hour knows anything later than the
 * hour before it, but the hour's own power.
 */
export const predictMonths = (hours: readonly Hour[]): readonly Prediction[] => {
  const samples = featured(hours);
  const months = [...new Set(hours.map(({ month }) => month))];
  return months.slice(trainMonthsMin).flatMap((month) => {
    const first = samples.findIndex(({ hour }) => hour.month === month);
    const past = samples.slice(0, first);
    const held = samples.filter(({ hour }) => hour.month === month);
    const lastMonth = past.filter(({ hour }) => hour.month === past.at(-1)?.hour.month);
    const model = fitLinear(past, options);
    const online = onlineOf(model);
    for (const sample of past.slice(-onlinePastMax)) online.learn(sample);
    const trainMeanC = meanTarget(past);
    const lastMonthMeanC = meanTarget(lastMonth);
    let before = past.at(-1)?.hour;
    return held.map((sample): Prediction => {
      const { hour } = sample;
      const prediction = {
        ...{ hour, modelC: dot(model, sample.features), onlineC: online.predict(sample) },
        ...{ trainMeanC, lastMonthMeanC, lastHourC: before?.temperatureC ?? trainMeanC },
        isChange: Math.abs(hour.powerW - (before?.powerW ?? hour.powerW)) > changeW,
      };
      online.learn(sample);
      before = hour;
      return prediction;
    });
  });
};

const meanTarget = (samples: readonly Sample[]): number =>
  samples.reduce((sum, { target }) => sum + target, 0) / Math.max(1, samples.length);

/** Hours that the online part has seen when a month begins, at most. */
const onlinePastMax = 24 * 60;
/** It forgets with this time constant, and holds to the model as if it had seen so many hours that agree. */
const onlineTauH = 24;
const onlineHours = { offset: 2, scale: 5 };
const scaleK = 20;

interface Online {
  readonly predict: (sample: Featured) => number;
  readonly learn: (sample: Featured) => void;
}

/** Follows an offset (the room) and a scale of the rise (the server), as can be done for each GPU. */
const onlineOf = (model: readonly number[]): Online => {
  let [ones, cross, squares, errors, scaled] = [0, 0, 0, 0, 0];
  let lastH: number | undefined;
  const baseOf = ({ features }: Featured): { baseC: number; rise: number } => {
    const baseC = dot(model, features);
    return { baseC, rise: (baseC - (model[0] ?? 0)) / scaleK };
  };
  return {
    predict: (sample) => {
      const { baseC, rise } = baseOf(sample);
      const [a, d] = [ones + onlineHours.offset, squares + onlineHours.scale];
      const determinant = a * d - cross * cross;
      const offset = (d * errors - cross * scaled) / determinant;
      const scale = (a * scaled - cross * errors) / determinant;
      return baseC + offset + scale * rise;
    },
    learn: (sample) => {
      const { baseC, rise } = baseOf(sample);
      const kept = Math.exp(-(sample.hour.atH - (lastH ?? sample.hour.atH)) / onlineTauH);
      lastH = sample.hour.atH;
      const error = sample.target - baseC;
      ones = ones * kept + 1;
      cross = cross * kept + rise;
      squares = squares * kept + rise * rise;
      errors = errors * kept + error;
      scaled = scaled * kept + error * rise;
    },
  };
};

type Predictor = 'modelC' | 'onlineC' | 'trainMeanC' | 'lastMonthMeanC' | 'lastHourC';

/** Mean absolute error, of the predictions that are chosen. */
export const meanError = (
  predictions: readonly Prediction[],
  predictor: Predictor,
  chosen: (prediction: Prediction) => boolean = () => true,
): number => {
  const errors = predictions
    .filter(chosen)
    .map((prediction) => Math.abs(prediction[predictor] - prediction.hour.temperatureC));
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
};

export interface RiseCurve {
  readonly baseC: number;
  readonly rise: readonly { readonly powerW: number; readonly riseK: number }[];
}

/**
 * Points of a curve of the steady rise, never falling. There are no hours below idle power: there it is straight, with the
 * mean slope of what lies above.
 */
export const riseOf = (
  model: readonly number[],
  { idleW, endW }: { readonly idleW: number; readonly endW: number },
): RiseCurve => {
  const celsius = (powerW: number): number => dot(model, bends(powerW));
  const slope = Math.max(0, (celsius(endW) - celsius(idleW)) / (endW - idleW));
  const baseC = celsius(idleW) - slope * idleW;
  let lastK = 0;
  const rise = [0, idleW, ...knotsW.filter((knotW) => knotW > idleW + 5), endW].map((powerW) => {
    lastK = powerW === 0 ? 0 : Math.max(lastK, celsius(powerW) - baseC);
    return { powerW, riseK: lastK };
  });
  return { baseC, rise };
};

const idleQuantile = 0.05;

/** The power that a server's GPUs hardly ever fall below. */
export const idleOf = (hours: readonly Hour[]): number =>
  hours.map(({ powerW }) => powerW).toSorted((a, b) => a - b)[
    Math.floor(idleQuantile * hours.length)
  ] ?? 0;
