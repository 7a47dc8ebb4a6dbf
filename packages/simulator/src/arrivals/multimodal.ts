import type { Random } from '@isotherm/kernel';
import { drawExponential, drawGamma, type Quantile, quantileDraw } from '../chance/draw.ts';
import type { Arrival, ArrivalSource } from './arrival.ts';
import { type RateCurve, rateShareAt } from './rate-curve.ts';

/** A service that answers about texts and pictures, by the figures of a published production trace. */
export interface MultimodalOptions {
  /** Requests a second, as the mean of a day. */
  readonly requestsPerS: number;
  /** Share of the requests that have pictures; 0.48 in the trace. */
  readonly imageShare: number;
  /** Most pictures that count; the trace's numbers are probably of tiles, and studies replay at most 16. */
  readonly imagesMax: number;
  /** Tokens of a picture: the model's. */
  readonly imageTokens: number;
  /** By how much the rate swings over a day, as a share of its mean, 0 to 1; highest at noon of the run's first day. */
  readonly dailySwing: number;
  /** Squared variation of the gaps between arrivals: 1 at random, more for bursts. */
  readonly burstiness: number;
  /** How the rate goes over a week, instead of the swing. */
  readonly curve?: RateCurve;
}

export const multimodalDefaults: Omit<MultimodalOptions, 'requestsPerS' | 'imageTokens'> = {
  ...{ imageShare: 0.48, imagesMax: 16, dailySwing: 0, burstiness: 1 },
};

/**
 * Quantiles of Azure's trace of multimodal inference (AzureLMMInferenceTrace_multimodal, 15 to 22 October 2024), digitised
 * from plots of its notebook: off by up to 5 %. What lies outside 5 % to 99 % is taken to go on for one more doubling.
 */
const drawOf = (...values: readonly number[]): ReturnType<typeof quantileDraw> => {
  const shares = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99];
  const points = shares.map((share, at): Quantile => ({ share, value: values[at] ?? 1 }));
  const [first, last] = [values[0] ?? 1, values.at(-1) ?? 1];
  return quantileDraw([
    { share: 0, value: Math.max(1, first / 2) },
    ...points,
    { share: 1, value: last * 2 },
  ]);
};

const drawContext = drawOf(135, 365, 775, 1440, 3050, 4070, 6760, 11_700);
const drawTextAnswer = drawOf(1, 25, 144, 217, 460, 740, 980, 1190);
const drawImageAnswer = drawOf(9, 33, 79, 175, 395, 500, 620, 755);
/** Pictures of requests that have some; what remains has more, up to ten thousand. */
const imageCounts: readonly Quantile[] = [
  { share: 0.66, value: 1 },
  { share: 0.71, value: 4 },
  { share: 0.857, value: 9 },
  { share: 0.875, value: 16 },
  { share: 0.922, value: 25 },
  { share: 1, value: 140 },
];

const dayMs = 86_400_000;

/**
 * Requests without end. Assumed: texts beside pictures are as long as texts alone, since the trace counts pictures' tokens of
 * an unknown model among them; numbers are independent of each other.
 */
export const multimodalArrivals = (options: MultimodalOptions, random: Random): ArrivalSource => {
  const arrival = { atMs: 0, textTokens: 0, media: 0, mediumTokens: 0, answerTokens: 0 };
  arrival.mediumTokens = options.imageTokens;
  const shape = 1 / options.burstiness;
  const isRandom = options.burstiness === 1;
  return {
    next: (): Arrival => {
      const gap = isRandom ? drawExponential(random) : drawGamma(random, shape, options.burstiness);
      const { curve, requestsPerS } = options;
      const share =
        curve === undefined ? dailyShare(options, arrival.atMs) : rateShareAt(curve, arrival.atMs);
      arrival.atMs += (gap * 1000) / (requestsPerS * share);
      arrival.media = random() < options.imageShare ? imagesOf(options, random) : 0;
      const answer = arrival.media > 0 ? drawImageAnswer : drawTextAnswer;
      arrival.textTokens = Math.ceil(drawContext(random));
      arrival.answerTokens = Math.ceil(answer(random));
      return arrival;
    },
  };
};

const imagesOf = ({ imagesMax }: MultimodalOptions, random: Random): number => {
  const share = random();
  const found = imageCounts.find((step) => share < step.share);
  return Math.min(imagesMax, found?.value ?? imagesMax);
};

/** A day's rate ÷ its mean: up and down in straight lines, so that no machine's sine has a say in it. */
const dailyShare = ({ dailySwing }: MultimodalOptions, atMs: number): number => {
  const hour = (atMs / dayMs) % 1;
  return 1 + dailySwing * (1 - 4 * Math.abs(hour - 0.5));
};
