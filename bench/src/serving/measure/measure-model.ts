import { median, round, summarize, type Summary } from '../../report/percentiles.ts';
import { say } from '../../report/result.ts';
import type { LoadReport } from '../load/load-order.ts';
import { type RequestRecord, type Slo, sloOf } from '../load/slo.ts';
import { imageShares, type WorkloadKind } from '../load/workload.ts';
import type { ModelParameters } from '../parameters.ts';
import type { Monolith } from '../systems/monolith.ts';
import type { System } from '../systems/system.ts';
import { findGoodputs, type Goodput, openCount } from './find-goodput.ts';
import { saySaturation } from './say-saturation.ts';
import type { Saturation, Trial } from './trial.ts';

/** A measurement of both systems. */
export interface Both<Value> {
  readonly isotherm: Value;
  readonly monolith: Value;
}

/** Latencies of a run, in milliseconds. */
export interface Latencies {
  readonly first: Summary;
  readonly perToken: Summary;
  readonly total: Summary;
  readonly failed: number;
}

export interface TextComparison {
  readonly compared: number;
  readonly identical: number;
  /** Identical ones of which both say the same number of tokens: else a time a token would mean two things. */
  readonly sameTokens: number;
  readonly differences: readonly { readonly isotherm: string; readonly monolith: string }[];
}

export interface ModelResult {
  /** One request at a time, by number of pictures. */
  readonly unloaded: readonly Both<Latencies>[];
  /** Sum over the unloaded requests of a system's whole answers, in milliseconds. */
  readonly unloadedTotalMs: Both<number>;
  readonly texts: TextComparison;
  /** From the peer's unloaded medians, and from Isotherm's own. */
  readonly slo: Both<Slo>;
  readonly saturation: Both<Saturation>;
  readonly goodputBursty: Both<Goodput>;
  readonly goodputPoisson: Both<Goodput> | undefined;
  /** Bursty, with the harder share of requests in time. */
  readonly goodputStrict: Both<Goodput> | undefined;
  readonly common: readonly CommonRate[];
}

/** Both systems on the same trace at the same rate. */
export interface CommonRate extends Both<Latencies> {
  readonly kind: WorkloadKind;
  readonly arrivals: 'bursty' | 'poisson';
  readonly ratePerS: number;
}

export interface Systems extends Both<System> {
  readonly monolith: Monolith;
}

export const measureModel = async (
  trial: Trial,
  systems: Systems,
  parameters: ModelParameters,
): Promise<ModelResult> => {
  const { isotherm, monolith } = systems;
  say('warming up');
  await trial.warm(isotherm);
  await trial.warm(monolith);
  await monolith.takeTurns(1);
  const unloaded = await measureUnloaded(trial, systems, parameters);
  const slo = {
    isotherm: sloOf(unloaded.isotherm, imageShares, parameters.sloFactor),
    monolith: sloOf(unloaded.monolith, imageShares, parameters.sloFactor),
  };
  say(`SLO: ${JSON.stringify(slo.monolith)}`);
  const saturation = {
    isotherm: await trial.saturate(isotherm, 'mixed'),
    monolith: await trial.saturate(monolith, 'mixed'),
  };
  saySaturation(saturation);
  const search = (arrivals: 'bursty' | 'poisson', share: number): Promise<Both<Goodput>> => {
    const order = (name: keyof Both<Saturation>) => ({
      arrivals,
      share,
      slo: slo.monolith,
      saturatedPerS: saturation[name].requestsPerS,
    });
    say(`goodput, ${arrivals} arrivals, ${100 * share} % in time`);
    return findGoodputs(trial, systems, parameters, {
      isotherm: order('isotherm'),
      monolith: order('monolith'),
    });
  };
  const { sloShare, sloShareStrict } = parameters;
  const goodputBursty = await search('bursty', sloShare);
  const goodputPoisson = parameters.poisson ? await search('poisson', sloShare) : undefined;
  const goodputStrict =
    sloShareStrict === undefined ? undefined : await search('bursty', sloShareStrict);
  const ratePerS = parameters.commonShare * saturation.monolith.requestsPerS;
  const common: CommonRate[] = [];
  for (const [kind, arrivals] of commonRuns) {
    if (kind === 'mixed' && arrivals === 'poisson' && !parameters.poisson) continue;
    common.push(await atCommonRate(trial, systems, parameters, { kind, arrivals, ratePerS }));
  }
  return {
    unloaded: byPictures(unloaded),
    unloadedTotalMs: { isotherm: totalMs(unloaded.isotherm), monolith: totalMs(unloaded.monolith) },
    texts: compareTexts(unloaded),
    slo,
    saturation,
    goodputBursty,
    goodputPoisson,
    goodputStrict,
    common,
  };
};

const commonRuns = [
  ['mixed', 'bursty'],
  ['mixed', 'poisson'],
  ['repeated-images', 'poisson'],
  ['shared-prefix', 'poisson'],
] as const;

/** The same requests to both systems in turn, nothing else under way. */
const measureUnloaded = async (
  trial: Trial,
  { isotherm, monolith }: Systems,
  { unloadedEach: count }: ModelParameters,
): Promise<Both<readonly RequestRecord[]>> => {
  const records = { isotherm: [] as RequestRecord[], monolith: [] as RequestRecord[] };
  for (const images of imageShares.keys()) {
    const kind = `pictures-${images as 0 | 1 | 2 | 3 | 4}` as const;
    const order = { kind, mode: { kind: 'sequence' }, count, seed: 10 + images } as const;
    for (const system of [monolith, isotherm]) {
      const { records: heard } = await trial.ask(system, order);
      // Indices run through all classes, so that a text is compared with its own.
      const at = images * count;
      records[system.name].push(...heard.map((each) => ({ ...each, index: each.index + at })));
    }
    const line = ([name, list]: [string, readonly RequestRecord[]]): string => {
      const ofClass = list.filter((each) => each.images === images);
      const first = round(median(ofClass.map(({ firstMs }) => firstMs)));
      return `${name} ${first} ms, then ${round(median(ofClass.map((each) => each.perTokenMs)))}`;
    };
    say(`  unloaded, ${images} pictures: ${Object.entries(records).map(line).join('; ')}`);
  }
  return records;
};

const atCommonRate = async (
  trial: Trial,
  systems: Systems,
  parameters: ModelParameters,
  run: Pick<CommonRate, 'kind' | 'arrivals' | 'ratePerS'>,
): Promise<CommonRate> => {
  const { kind, arrivals, ratePerS } = run;
  const mode = { kind: 'open', arrivals, ratePerS, stop: undefined } as const;
  const order = { kind, mode, count: openCount(parameters, ratePerS), seed: 30 };
  const monolith = latenciesOf(await trial.ask(systems.monolith, order));
  const isotherm = latenciesOf(await trial.ask(systems.isotherm, order));
  say(
    `  ${kind}, ${arrivals}, ${round(ratePerS)}/s: first token p50/p99 ` +
      `isotherm ${isotherm.first.p50}/${isotherm.first.p99}, ` +
      `monolith ${monolith.first.p50}/${monolith.first.p99} ms`,
  );
  return { kind, arrivals, ratePerS: round(ratePerS), isotherm, monolith };
};

export const latenciesOf = ({ records }: Pick<LoadReport, 'records'>): Latencies => {
  const whole = records.filter(({ error }) => error === undefined);
  return {
    first: summarize(whole.map(({ firstMs }) => firstMs)),
    perToken: summarize(whole.filter(({ tokens }) => tokens > 1).map((each) => each.perTokenMs)),
    total: summarize(whole.map((each) => each.totalMs)),
    failed: records.length - whole.length,
  };
};

const totalMs = (records: readonly RequestRecord[]): number =>
  round(records.reduce((sum, each) => sum + each.totalMs, 0));

const byPictures = (both: Both<readonly RequestRecord[]>): readonly Both<Latencies>[] =>
  [...imageShares.keys()].map((images) => {
    const of = (records: readonly RequestRecord[]): Latencies =>
      latenciesOf({ records: records.filter((each) => each.images === images) });
    return { isotherm: of(both.isotherm), monolith: of(both.monolith) };
  });

const differencesKept = 5;

/** Requests of the unloaded runs, by their index. */
const compareTexts = (both: Both<readonly RequestRecord[]>): TextComparison => {
  const others = new Map(both.monolith.map((record) => [record.index, record]));
  const pairs = both.isotherm.map((isotherm) => ({
    isotherm,
    monolith: others.get(isotherm.index),
  }));
  const identical = pairs.filter((pair) => pair.isotherm.text === pair.monolith?.text);
  const different = pairs.filter((pair) => !identical.includes(pair));
  return {
    compared: pairs.length,
    identical: identical.length,
    sameTokens: identical.filter((pair) => pair.isotherm.tokens === pair.monolith?.tokens).length,
    differences: different.slice(0, differencesKept).map(({ isotherm, monolith }) => ({
      isotherm: isotherm.text,
      monolith: monolith?.text ?? '',
    })),
  };
};
