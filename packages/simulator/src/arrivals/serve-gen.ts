import { exponential, logarithm, type Random } from '@isotherm/kernel';
import { drawGamma, drawWeibull } from '../chance/draw.ts';
import { createAgenda } from '../engine/agenda.ts';
import type { Arrival, ArrivalSource } from './arrival.ts';

/** One client of a ServeGen workload: how often it asks, by window, and for what, by period of the day. */
export interface ServeGenClient {
  readonly windows: readonly Window[];
  readonly periods: readonly Period[];
}

interface Window {
  readonly fromMs: number;
  readonly ratePerS: number;
  /** Gaps between arrivals, in milliseconds; undefined: none come. */
  readonly drawGap: ((random: Random) => number) | undefined;
}

interface Period {
  readonly fromMs: number;
  readonly text: Distribution;
  readonly images: Distribution;
  readonly imageTokens: Distribution;
  readonly answer: Distribution;
}

/** Values with the share of all draws that are at most each. */
interface Distribution {
  readonly values: Float64Array;
  readonly upTo: Float64Array;
}

export type ParsedServeGenClient =
  | { readonly kind: 'ok'; readonly client: ServeGenClient }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Reads `chunk-N-trace.csv` (t_start in s, rate a second, cv, Gamma or Weibull or nothing, its shape and scale) and
 * `chunk-N-dataset.json` (by second of the day: distributions as texts, `{136: 0.25, 372: 0.75}`). Of a fitted distribution the shape
 * counts, and the rate says how long gaps are: the two do not always agree. Without one, the cv says the shape of a Gamma.
 */
export const parseServeGenClient = (
  traceCsv: string,
  datasetJson: string,
): ParsedServeGenClient => {
  const windows: Window[] = [];
  for (const [at, line] of traceCsv.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [start, rate, cv, kind, shape] = line.split(',');
    const numbers = [start, rate, cv].map(Number);
    const [startS = Number.NaN, ratePerS = Number.NaN, variation = Number.NaN] = numbers;
    if (numbers.length < 3 || !numbers.every(Number.isFinite) || ratePerS < 0) {
      return { kind: 'refused', reason: `line ${at + 1} is no window` };
    }
    const drawGap =
      ratePerS > 0 ? gapOf(kind, Number(shape), variation, 1000 / ratePerS) : undefined;
    windows.push({ fromMs: startS * 1000, ratePerS, drawGap });
  }
  const periods = periodsOf(datasetJson);
  if (windows.length === 0) return { kind: 'refused', reason: 'the trace has no window' };
  if (periods === undefined) return { kind: 'refused', reason: 'the dataset has no distributions' };
  return { kind: 'ok', client: { windows, periods } };
};

const gapOf = (kind = '', shape: number, cv: number, meanMs: number) => {
  if (kind === 'Weibull' && shape > 0) {
    const scale = meanMs / gammaFunction(1 + 1 / shape);
    return (random: Random): number => drawWeibull(random, shape, scale);
  }
  const own = kind === 'Gamma' && shape > 0 ? shape : 1 / Math.max(0.01, cv * cv);
  return (random: Random): number => drawGamma(random, own, meanMs / own);
};

/** Lanczos' approximation with five terms (Numerical Recipes, gammln): within 2e-10 for arguments above 0. */
const gammaFunction = (value: number): number => {
  const terms = [
    76.18009172947146, -86.5053203294168, 24.01409824083091, -1.231739572450155,
    0.001208650973866179, -0.000005395239384953,
  ];
  const sum = terms.reduce((total, term, at) => total + term / (value + at + 1), 1.000000000190015);
  const base = value + 5.5;
  return (exponential((value + 0.5) * logarithm(base) - base) * 2.5066282746310002 * sum) / value;
};

const periodsOf = (json: string): readonly Period[] | undefined => {
  try {
    const dataset = JSON.parse(json) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    const periods = Object.entries(dataset).map(([startS, fields]): Period => {
      const of = (name: string): Distribution => distributionOf(fields[name]);
      return {
        ...{ fromMs: Number(startS) * 1000, text: of('text_tokens'), images: of('image_count') },
        ...{ imageTokens: of('image_tokens'), answer: of('output_tokens') },
      };
    });
    return periods.length > 0 ? periods.toSorted((a, b) => a.fromMs - b.fromMs) : undefined;
  } catch {
    return undefined;
  }
};

/** Throws for a text that is no distribution. */
const distributionOf = (text: unknown): Distribution => {
  const pairs = [...String(text).matchAll(/(\d+(?:\.\d+)?): ?(\d+(?:\.\d+)?(?:e-?\d+)?)/g)];
  if (pairs.length === 0) throw new RangeError('no distribution');
  const shares = pairs.map(([, , share]) => Number(share));
  const total = shares.reduce((sum, share) => sum + share, 0);
  let sum = 0;
  return {
    values: Float64Array.from(pairs, ([, value]) => Number(value)),
    upTo: Float64Array.from(shares, (share) => (sum += share / total)),
  };
};

const drawFrom = ({ values, upTo }: Distribution, random: Random): number => {
  const share = random();
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((upTo[middle] as number) < share) low = middle + 1;
    else high = middle;
  }
  return values[low] ?? 0;
};

export interface ServeGenOptions {
  /** How many times as many requests come in a time. */
  readonly rateScale: number;
  readonly imagesMax: number;
}

/** The requests of all clients together, over and over: after its last window a client begins again. */
export const serveGenArrivals = (
  clients: readonly ServeGenClient[],
  { rateScale, imagesMax }: ServeGenOptions,
  random: Random,
): ArrivalSource => {
  const agenda = createAgenda(clients.length);
  const steppers = clients.map((client) => createStepper(client, random));
  const schedule = (client: number): void => {
    const nextMs = steppers[client]?.() ?? Infinity;
    if (nextMs < Infinity) agenda.schedule(client, nextMs);
  };
  for (const client of clients.keys()) schedule(client);
  const arrival = { atMs: 0, textTokens: 0, media: 0, mediumTokens: 0, answerTokens: 0 };
  return {
    next: (): Arrival | undefined => {
      const atMs = agenda.nextMs;
      const number = agenda.take();
      const client = clients[number];
      if (client === undefined) return undefined;
      schedule(number);
      const period = periodAt(client, atMs);
      arrival.atMs = atMs / rateScale;
      arrival.media = Math.min(imagesMax, drawFrom(period.images, random));
      arrival.mediumTokens = Math.max(1, drawFrom(period.imageTokens, random));
      arrival.textTokens = Math.max(1, drawFrom(period.text, random));
      arrival.answerTokens = Math.max(1, drawFrom(period.answer, random));
      return arrival;
    },
  };
};

const dayMs = 86_400_000;

const periodAt = ({ periods }: ServeGenClient, atMs: number): Period => {
  const found = periods.findLast(({ fromMs }) => fromMs <= atMs % dayMs) ?? periods[0];
  if (found === undefined) throw new RangeError('a client without periods');
  return found;
};

/** The times of one client's requests, one after the other; a gap that leaves its window is drawn again from the next one. */
const createStepper = ({ windows }: ServeGenClient, random: Random): (() => number) => {
  const lengthMs = (windows[1]?.fromMs ?? 600_000) - (windows[0]?.fromMs ?? 0);
  const isSilent = windows.every(({ drawGap }) => drawGap === undefined);
  let window = 0;
  let nowMs = 0;
  return () => {
    if (isSilent) return Infinity;
    for (;;) {
      const untilMs = (window + 1) * lengthMs;
      const gapMs = windows[window % windows.length]?.drawGap?.(random) ?? Infinity;
      nowMs += gapMs;
      if (nowMs < untilMs) return nowMs;
      nowMs = untilMs;
      window += 1;
    }
  };
};
