import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariant } from '@isotherm/kernel';
import {
  type Arrival,
  type ArrivalSource,
  multimodalArrivals,
  multimodalDefaults,
  parseServeGenClient,
  parseTrace,
  randomStream,
  serveGenArrivals,
  traceArrivals,
} from '@isotherm/simulator';
import type { LiveParameters } from './parameters.ts';

export interface LiveTraffic {
  /** In the order of time, in milliseconds of ours. */
  readonly requests: readonly Arrival[];
  /** Where they are from. */
  readonly source: string;
  /** How many times faster than it was the day of pictures passes, and the hour of conversations. */
  readonly dayTimes: number;
  readonly hourTimes: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * A day of some clients of ServeGen's image service and an hour of Azure's conversations, one upon the other. Both are made to pass in the run's time,
 * and of their requests so many are taken, by chance, that their means are what is wished: hours and minutes keep their ups and downs,
 * what was within seconds becomes random. Without the data both are drawn.
 */
export const liveTraffic = (
  parameters: LiveParameters,
  folder: string | undefined,
): LiveTraffic => {
  const { durationMs, seed, imagesMax } = parameters;
  const day = folder === undefined ? drawnDay(seed, imagesMax) : dayOf(folder, parameters);
  const hour = folder === undefined ? drawnHour(seed) : hourOf(folder);
  const [from, to] = parameters.hours;
  const pictures = compressed(day, {
    ...{ spanMs: dayMs, fromMs: from * hourMs, untilMs: to * hourMs },
    ...{ wantedPerS: parameters.picturesPerS, name: 'pictures', parameters },
  });
  const texts = compressed(hour, {
    ...{ spanMs: hourMs, fromMs: 0, untilMs: hourMs },
    ...{ wantedPerS: parameters.textsPerS, name: 'texts', parameters },
  });
  return {
    requests: [...pictures, ...texts].toSorted((a, b) => a.atMs - b.atMs),
    source: folder === undefined ? 'drawn' : 'servegen mm-image, azure conversation',
    ...{ dayTimes: ((to - from) * hourMs) / durationMs, hourTimes: hourMs / durationMs },
  };
};

interface Compression {
  /** All that is read of the source, and the part of it that is taken. */
  readonly spanMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Requests a second of ours, as the mean of all that is read. */
  readonly wantedPerS: number;
  readonly name: string;
  readonly parameters: LiveParameters;
}

/** Of a source's part so many requests a second of ours, each as it was but for what is cut off. */
const compressed = (
  source: ArrivalSource,
  { spanMs, fromMs, untilMs, wantedPerS, name, parameters }: Compression,
): readonly Arrival[] => {
  const { durationMs, seed, imageTokens, textTokensMax, answerTokensMax } = parameters;
  const all: Arrival[] = [];
  for (;;) {
    const next = source.next();
    if (next === undefined || next.atMs >= spanMs) break;
    all.push({ ...next });
  }
  const random = randomStream(seed, name);
  const times = (untilMs - fromMs) / durationMs;
  const keptShare = Math.min(1, (wantedPerS * spanMs) / times / 1000 / all.length);
  return all
    .filter(({ atMs }) => random() < keptShare && atMs >= fromMs && atMs < untilMs)
    .map((arrival) => ({
      ...arrival,
      atMs: (arrival.atMs - fromMs) / times,
      // The stand-in has pictures of one size.
      mediumTokens: imageTokens,
      textTokens: Math.min(textTokensMax, arrival.textTokens),
      answerTokens: Math.max(2, Math.min(answerTokensMax, arrival.answerTokens)),
    }));
};

const dayOf = (folder: string, { clients, seed, imagesMax }: LiveParameters): ArrivalSource => {
  const where = join(folder, 'data', 'multimodal', 'mm-image');
  const read = clients.map((number) => {
    const text = (rest: string): string =>
      readFileSync(join(where, `chunk-${number}-${rest}`), 'utf8');
    const parsed = parseServeGenClient(text('trace.csv'), text('dataset.json'));
    invariant(parsed.kind === 'ok', `chunk ${number} is a client of ServeGen's`);
    return parsed.client;
  });
  return serveGenArrivals(read, { rateScale: 1, imagesMax }, randomStream(seed, 'day'));
};

const hourOf = (folder: string): ArrivalSource => {
  const file = join(folder, 'azure', 'AzureLLMInferenceTrace_conv.csv');
  const parsed = parseTrace(readFileSync(file, 'utf8'), 'azure');
  invariant(parsed.kind === 'ok', `${file} is a trace of Azure's`);
  return traceArrivals(parsed.trace, { rateScale: 1, imagesMax: 0, imageTokens: 1 });
};

const drawnDay = (seed: number, imagesMax: number): ArrivalSource =>
  multimodalArrivals(
    {
      ...{ ...multimodalDefaults, imageShare: 1, imagesMax, imageTokens: 1280 },
      ...{ requestsPerS: 2, dailySwing: 0.6, burstiness: 4 },
    },
    randomStream(seed, 'day'),
  );

const drawnHour = (seed: number): ArrivalSource =>
  multimodalArrivals(
    {
      ...{ ...multimodalDefaults, imageShare: 0, imageTokens: 1 },
      ...{ requestsPerS: 5.5, burstiness: 4 },
    },
    randomStream(seed, 'hour'),
  );
