import { availableParallelism } from 'node:os';
import { median } from '../report/percentiles.ts';
import { medianProfiles } from './engine-profiles.ts';
import { allUnloaded, fabricOf, type MeasuredFabric } from './fabric-cost.ts';
import { type Crowded, simulateTrace, type StackModel } from './simulate-trace.ts';
import { fitCrowded } from './fit-crowded.ts';
import type { LiveRound, TimedRun } from './live-rounds.ts';

const alone: Crowded = { encode: 1, prefill: 1, decode: 1 };

/** What the simulator is told, from all rounds together; nothing of it is from a run that is compared. */
export const stackModelOf = (rounds: readonly LiveRound[]): StackModel => {
  const profiles = medianProfiles(rounds.map((round) => round.profiles));
  const fabric = fabricOf(allUnloaded(rounds.map(({ unloaded }) => unloaded)), profiles);
  const idleShare = median(rounds.map(({ idle }) => idle.loopsShare));
  const cores = availableParallelism() - idleShare;
  const fits = rounds.flatMap(({ loads }) => loads.map(({ fit }) => fit));
  const asCounted = countedLoops({ profiles, fabric, cores, crowded: alone }, fits, idleShare);
  const model = { profiles, cores, fabric: asCounted };
  return { ...model, crowded: fitCrowded(fits.map((run) => ({ ...run, model }))) };
};

/**
 * Event loops do less for a request where many come, since messages share their ways, than for one alone: as much in all as the
 * kernel has counted.
 */
const countedLoops = (
  model: StackModel,
  fits: readonly TimedRun[],
  idleShare: number,
): MeasuredFabric => {
  const { fabric } = model;
  const { loops } = fabric;
  if (loops === undefined) return fabric;
  let counted = 0;
  let assumed = 0;
  for (const { requests, atMs, live, loopsMs } of fits) {
    counted += loopsMs - idleShare * live.lastedMs;
    assumed += simulateTrace(model, requests, atMs).loopsMs;
  }
  const times = assumed > 0 ? Math.max(0, counted / assumed) : 1;
  return {
    ...fabric,
    loops: {
      requestMs: times * loops.requestMs,
      mediumMs: times * loops.mediumMs,
      handOverMs: times * loops.handOverMs,
      stepMs: times * loops.stepMs,
      tokenMs: times * loops.tokenMs,
    },
  };
};
