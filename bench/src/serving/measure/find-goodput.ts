import { percentile, round } from '../../report/percentiles.ts';
import { say } from '../../report/result.ts';
import type { ArrivalKind } from '../load/arrivals.ts';
import { meetsSlo, missesMax, type Slo } from '../load/slo.ts';
import type { ModelParameters } from '../parameters.ts';
import type { Monolith } from '../systems/monolith.ts';
import type { System } from '../systems/system.ts';
import {
  goodputOf,
  heard,
  isBounded,
  nextRate,
  type Search,
  startSearch,
} from './goodput-search.ts';
import type { Trial } from './trial.ts';

/** One rate that was tried. */
export interface GoodputPoint {
  readonly ratePerS: number;
  readonly holds: boolean;
  /** Of all requests planned; of a run that was stopped early an upper bound. */
  readonly attainment: number;
  readonly stopped: boolean;
  readonly failed: number;
  readonly firstP99Ms: number;
  /** Of the peer: requests that took turns in a process. */
  readonly turns: number | undefined;
  readonly lateP99Ms: number;
}

export interface Goodput {
  /** Highest rate of the grid at which the SLO held; 0 where it held at none. */
  readonly requestsPerS: number;
  /** False where it held at the highest rate too: the goodput may be more. */
  readonly bounded: boolean;
  readonly points: readonly GoodputPoint[];
}

export interface GoodputOrder {
  readonly arrivals: ArrivalKind;
  readonly slo: Slo;
  /** Share of requests that must keep to the SLO. */
  readonly share: number;
  readonly saturatedPerS: number;
}

/** A system in a search: how it is set for a try, and what is known of it so far. */
interface Runner {
  readonly system: System;
  readonly tries: readonly { readonly turns: number | undefined; prepare(): Promise<void> }[];
  readonly order: GoodputOrder;
  search: Search;
  readonly points: GoodputPoint[];
}

/** Searches both systems' goodput in turn, one rate of each after the other. */
export const findGoodputs = async (
  trial: Trial,
  systems: { readonly isotherm: System; readonly monolith: Monolith },
  parameters: ModelParameters,
  orders: { readonly isotherm: GoodputOrder; readonly monolith: GoodputOrder },
): Promise<{ readonly isotherm: Goodput; readonly monolith: Goodput }> => {
  const { isotherm, monolith } = systems;
  const ours = runnerOf(isotherm, [asItIs], orders.isotherm, parameters);
  const turns = parameters.peerTurns.map((count) => ({
    turns: count,
    prepare: () => monolith.takeTurns(count),
  }));
  const theirs = runnerOf(monolith, turns, orders.monolith, parameters);
  await searchAll(trial, [theirs, ours], parameters);
  return { isotherm: resultOf(ours), monolith: resultOf(theirs) };
};

const asItIs = { turns: undefined, prepare: () => Promise.resolve() };

const runnerOf = (
  system: System,
  tries: Runner['tries'],
  order: GoodputOrder,
  { grid }: ModelParameters,
): Runner => {
  const search = startSearch({ ...grid, lowest: grid.lowest * order.saturatedPerS });
  return { system, tries, order, search, points: [] };
};

const searchAll = async (
  trial: Trial,
  runners: readonly Runner[],
  parameters: ModelParameters,
): Promise<void> => {
  while (runners.some(({ search }) => nextRate(search) !== undefined)) {
    for (const runner of runners) await tryNext(trial, runner, parameters);
  }
};

const resultOf = ({ search, points }: Runner): Goodput => ({
  requestsPerS: round(goodputOf(search)),
  bounded: isBounded(search),
  points,
});

const tryNext = async (
  trial: Trial,
  runner: Runner,
  parameters: ModelParameters,
): Promise<void> => {
  const ratePerS = nextRate(runner.search);
  if (ratePerS === undefined) return;
  let holds = false;
  for (const { turns, prepare } of runner.tries) {
    if (holds) break;
    await prepare();
    const point = await tryRate(trial, runner.system, { ...runner.order, ratePerS }, parameters);
    runner.points.push({ ...point, turns });
    holds = point.holds;
    say(
      `  ${runner.system.name}${turns === undefined ? '' : `, ${turns} in turn`}: ` +
        `${round(ratePerS)}/s ${holds ? 'holds' : 'does not hold'} ` +
        `(${round(100 * point.attainment)} % in time${point.stopped ? ' at most' : ''})`,
    );
  }
  runner.search = heard(runner.search, ratePerS, holds);
};

/** As many requests as an open loop at a rate takes. */
export const openCount = ({ open }: ModelParameters, ratePerS: number): number =>
  Math.min(open.requestsMax, Math.max(open.requestsMin, Math.round(ratePerS * open.seconds)));

const tryRate = async (
  trial: Trial,
  system: System,
  { arrivals, slo, share, ratePerS }: GoodputOrder & { readonly ratePerS: number },
  parameters: ModelParameters,
): Promise<Omit<GoodputPoint, 'turns'>> => {
  const count = openCount(parameters, ratePerS);
  const allowed = missesMax(count, share);
  const stop = { slo, missesMax: allowed };
  const mode = { kind: 'open', arrivals, ratePerS, stop } as const;
  const report = await trial.ask(system, { kind: 'mixed', mode, count, seed: 1 });
  if (report.stopped) await trial.settle(system);
  const met = report.records.filter((record) => meetsSlo(record, slo)).length;
  const missed = report.records.length - met;
  const holds = !report.stopped && missed <= allowed;
  return {
    ratePerS: round(ratePerS),
    holds,
    attainment: round(
      report.stopped ? 1 - Math.max(missed, allowed + 1) / count : met / report.planned,
    ),
    stopped: report.stopped,
    failed: report.records.filter(({ error }) => error !== undefined).length,
    firstP99Ms: round(
      percentile(
        report.records.map(({ firstMs }) => firstMs),
        0.99,
      ),
    ),
    lateP99Ms: report.lateP99Ms,
  };
};
