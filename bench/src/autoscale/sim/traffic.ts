import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariant } from '@isotherm/kernel';
import {
  type Arrival,
  type ArrivalSource,
  arrivalsUntil,
  multimodalArrivals,
  parseServeGenClient,
  parseTrace,
  type RateCurve,
  randomStream,
  serveGenArrivals,
  type ServeGenClient,
  type Trace,
} from '@isotherm/simulator';
import { hourShares } from '../../modserve/day-curve.ts';

export type TrafficName = 'conversation' | 'images';

/** Which traffic, and how much of it. */
export interface TrafficSpec {
  readonly name: TrafficName;
  /** Requests that come for each one of the data, in the same time. */
  readonly copies: number;
  /** Of its beginning; absent: all of it. */
  readonly hoursMax?: number;
  /** Where the data lie; absent: it is drawn instead. */
  readonly folder?: string;
}

export interface Traffic {
  readonly durationMs: number;
  arrivals(seed: number): ArrivalSource;
}

/** Files below the folder of data. */
export const trafficFiles = {
  conversation: join('azure', 'AzureLLMInferenceTrace_conv.csv'),
  images: join('data', 'multimodal', 'mm-image'),
} as const;

const hourMs = 3_600_000;

export const trafficOf = (spec: TrafficSpec): Traffic => {
  const all = allOf(spec);
  const durationMs = Math.min(all.durationMs, (spec.hoursMax ?? Infinity) * hourMs);
  return { durationMs, arrivals: (seed) => arrivalsUntil(all.arrivals(seed), durationMs) };
};

const allOf = ({ name, copies, folder }: TrafficSpec): Traffic => {
  if (folder === undefined) return drawn(name, copies);
  const path = join(folder, trafficFiles[name]);
  return name === 'conversation' ? conversation(path, copies) : images(path, copies);
};

/** An hour of conversations; the seed says when the copies of a request come. */
const conversation = (file: string, copies: number): Traffic => {
  const parsed = parseTrace(readFileSync(file, 'utf8'), 'azure');
  invariant(parsed.kind === 'ok', `${file} is a trace`);
  const { trace } = parsed;
  return {
    durationMs: trace.atMs.at(-1) ?? 0,
    arrivals: (seed) => sourceOf(copiesOf(trace, copies, seed)),
  };
};

/** Copies of a request come at most so long before or after it: minutes stay what they are, seconds are at random. */
const jitterMs = 15_000;

const copiesOf = (trace: Trace, copies: number, seed: number): readonly Arrival[] => {
  const random = randomStream(seed, 'copies');
  const arrivals = [...trace.atMs].flatMap((atMs, at) =>
    Array.from({ length: copies }, (): Arrival => ({
      atMs: Math.max(0, atMs + (2 * random() - 1) * jitterMs),
      textTokens: Math.max(1, trace.contextTokens[at] ?? 1),
      ...{ media: 0, mediumTokens: 0, answerTokens: Math.max(1, trace.answerTokens[at] ?? 1) },
    })),
  );
  return arrivals.toSorted((a, b) => a.atMs - b.atMs);
};

const sourceOf = (arrivals: readonly Arrival[]): ArrivalSource => {
  let at = 0;
  return { next: () => arrivals[at++] };
};

/** A day of an image-text service: each of its clients as many times as there are copies, each with draws of its own. */
const images = (folder: string, copies: number): Traffic => {
  const clients = readdirSync(folder)
    .flatMap((name) => /^chunk-(\d+)-trace\.csv$/.exec(name)?.[1] ?? [])
    .toSorted((a, b) => Number(a) - Number(b))
    .map((number): ServeGenClient => {
      const text = (rest: string): string =>
        readFileSync(join(folder, `chunk-${number}-${rest}`), 'utf8');
      const parsed = parseServeGenClient(text('trace.csv'), text('dataset.json'));
      invariant(parsed.kind === 'ok', `client ${number} of ${folder} is one`);
      return parsed.client;
    });
  const all = Array.from({ length: copies }, () => clients).flat();
  return {
    durationMs: 24 * hourMs,
    arrivals: (seed) =>
      serveGenArrivals(all, { rateScale: 1, imagesMax: 16 }, randomStream(seed, 'clients')),
  };
};

/** Twelfths of an hour as in Azure's hour of conversations, roughly; and hours of a working day. */
const drawnShares = {
  conversation: [0.75, 0.85, 0.85, 0.9, 1.05, 1.2, 1.35, 1.3, 1, 1, 1.05, 0.7],
  images: hourShares,
} as const;
const partsEach = 12;

/** From each share to the next in a straight line. */
const smoothCurve = (shares: readonly number[], durationMs: number): RateCurve => {
  const parts = shares.flatMap((share, at) => {
    const next = shares[(at + 1) % shares.length] ?? share;
    return Array.from(
      { length: partsEach },
      (_, part) => share + ((next - share) * part) / partsEach,
    );
  });
  return { stepMs: durationMs / parts.length, shares: Float64Array.from(parts) };
};

/** In the place of data that are not there: by published quantiles, about as many, in bursts of seconds. */
const drawn = (name: TrafficName, copies: number): Traffic => {
  const isText = name === 'conversation';
  const durationMs = (isText ? 1 : 24) * hourMs;
  const options = {
    requestsPerS: copies * (isText ? 5.5 : 9.5),
    ...{ imageShare: isText ? 0 : 1, imagesMax: 4, imageTokens: 600 },
    ...{ dailySwing: 0, burstiness: 2, curve: smoothCurve(drawnShares[name], durationMs) },
  };
  return {
    durationMs,
    arrivals: (seed) => multimodalArrivals(options, randomStream(seed, 'arrivals')),
  };
};
