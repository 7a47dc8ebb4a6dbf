import { say } from '../report/result.ts';
import type { LocalStack } from '@isotherm/stack';
import type { TextModel } from '@isotherm/engine/text';
import type { EngineProfiles, MeasuredEngines } from './engine-profiles.ts';
import { askUnloaded, type Unloaded } from './fabric-cost.ts';
import { type Idle, loopsMsOf, watchIdle } from './live-stack.ts';
import { saturatingLanes, type ValidationParameters } from './parameters.ts';
import { answeredWithin } from './compare.ts';
import { type Replayed, replay, replayLanes } from './replay.ts';
import { drawTrace, type TracedRequest } from './trace.ts';

export interface LiveSide {
  readonly stack: LocalStack;
  readonly engines: MeasuredEngines;
  readonly text: TextModel;
}

/** Requests that the live stack got, and what became of them. */
export interface LiveRun {
  readonly requests: readonly TracedRequest[];
  readonly live: Replayed;
  /** How many of them were sent: a loop ends when its time is up. */
  readonly sent: number;
  /** Processor time of event loops meanwhile. */
  readonly loopsMs: number;
}

/** One that came at given times. */
export interface TimedRun extends LiveRun {
  readonly atMs: readonly number[];
}

/** What was measured in one round. */
export interface LiveRound {
  readonly profiles: EngineProfiles;
  readonly idle: Idle;
  readonly unloaded: Unloaded;
  /** For each load: a trace to be fitted, and one to be compared. */
  readonly loads: readonly { readonly fit: TimedRun; readonly compared: TimedRun }[];
  readonly saturated: LiveRun;
}

export interface LiveRounds {
  /** Requests a second of the saturated stack, of which loads are shares. */
  readonly capacityPerS: number;
  readonly rounds: readonly LiveRound[];
}

/** No two runs have the same trace. */
const seeds = { capacity: 5, fit: 1000, compared: 2000, saturated: 3000, round: 10 } as const;
/** More than are answered a second. */
const requestsPerSMost = 30;

/** All that is asked of the live stack, in rounds; every other one goes through the loads the other way round. */
export const liveRounds = async (
  side: LiveSide,
  parameters: ValidationParameters,
): Promise<LiveRounds> => {
  const { saturatedS, loadShares } = parameters;
  const first = await saturate(side, saturatedS, seeds.capacity);
  const capacityPerS = answeredWithin(first.live.answers, saturatedS).length / saturatedS;
  say(`saturated: ${capacityPerS.toFixed(2)} requests a second`);
  // What an engine does first is slow: a profile that nobody reads.
  await side.engines.measure(parameters.pointS / 5);
  const rounds: LiveRound[] = [];
  for (let round = 0; round < parameters.rounds; round += 1) {
    const idle = await watchIdle(side.stack);
    const profiles = await side.engines.measure(parameters.pointS);
    const unloaded = await askUnloaded(side.stack, side.text, {
      ...{ each: parameters.unloadedEach, idle },
    });
    const loads: LiveRound['loads'][number][] = [];
    const order = [...loadShares.keys()];
    if (round % 2 === 1) order.reverse();
    for (const number of order) {
      const requestsPerS = (loadShares[number] ?? 0) * capacityPerS;
      const seed = seeds.round * round + number;
      const fit = await come(side, requestsPerS, [parameters.fitS, seeds.fit + seed]);
      const compared = await come(side, requestsPerS, [parameters.traceS, seeds.compared + seed]);
      loads[number] = { fit, compared };
    }
    const saturated = await saturate(side, saturatedS, seeds.saturated + round);
    rounds.push({ idle, profiles, unloaded, loads, saturated });
    say(`round ${round + 1} of ${parameters.rounds}`);
  }
  return { capacityPerS, rounds };
};

const come = async (
  { stack, text }: LiveSide,
  requestsPerS: number,
  [seconds, seed]: readonly [number, number],
): Promise<TimedRun> => {
  const { requests, atUnits } = await drawTrace(text, Math.ceil(requestsPerS * seconds), seed);
  const atMs = atUnits.map((at) => (at * 1000) / requestsPerS);
  const before = await loopsMsOf(stack);
  const live = await replay(stack.http, requests, atMs);
  return {
    requests,
    sent: requests.length,
    atMs,
    live,
    loopsMs: (await loopsMsOf(stack)) - before,
  };
};

const saturate = async (
  { stack, text }: LiveSide,
  seconds: number,
  seed: number,
): Promise<LiveRun> => {
  const { requests } = await drawTrace(text, Math.ceil(requestsPerSMost * seconds), seed);
  const before = await loopsMsOf(stack);
  const how = { lanes: saturatingLanes, seconds };
  const { sent, ...live } = await replayLanes(stack.http, requests, how);
  return { requests, sent, live, loopsMs: (await loopsMsOf(stack)) - before };
};
