import { availableParallelism } from 'node:os';
import type { TextModel } from '@isotherm/engine/text';
import type { LocalStack } from '@isotherm/stack';
import { round } from '../report/percentiles.ts';
import { say } from '../report/result.ts';
import { errorsOf, figuresOf, type RunErrors, type RunFigures } from './compare.ts';
import type { MeasuredEngines } from './engine-profiles.ts';
import { askUnloaded, fabricOf, fabricUnderLoad } from './fabric-cost.ts';
import { fitCrowded, type FittedRun } from './fit-crowded.ts';
import type { ValidationParameters } from './parameters.ts';
import { replay, type TimedAnswer } from './replay.ts';
import { type Crowded, simulateTrace, type StackModel } from './simulate-trace.ts';
import { drawTrace, type TracedRequest } from './trace.ts';

export interface ValidatedLoad {
  readonly loadShare: number;
  readonly requestsPerS: number;
  readonly model: StackModel;
  readonly live: RunFigures;
  readonly simulated: RunFigures;
  readonly errors: RunErrors;
  readonly failed: number;
  /** How much later than due requests were sent at most. */
  readonly lateMaxMs: number;
  readonly requests: readonly Omit<TracedRequest, 'body'>[];
  readonly atMs: readonly number[];
  readonly answers: readonly TimedAnswer[];
  readonly simulatedAnswers: readonly TimedAnswer[];
}

/** What ran live at one load: a trace to be fitted, and another to be compared. */
interface LiveLoad {
  readonly loadShare: number;
  readonly requestsPerS: number;
  readonly fit: FittedRun;
  readonly validated: FittedRun;
}

export interface LiveSide {
  readonly stack: LocalStack;
  readonly engines: MeasuredEngines;
  readonly text: TextModel;
}

/** Assumed until it is fitted: only how many requests a share of the load is follows from it. */
const crowdedAssumed: Crowded = { encode: 0.8, prefill: 0.9, decode: 0.9 };
const seeds = { backlog: 5, fit: 50, validated: 100 } as const;

/** Profiles, then what the fabric takes without load, then one trace for the fit and another for the comparison. */
const runLoad = async (
  { stack, engines, text }: LiveSide,
  { loadShare, number }: { readonly loadShare: number; readonly number: number },
  parameters: ValidationParameters,
): Promise<LiveLoad> => {
  const profiles = await engines.measure(parameters.pointS);
  const fabric = fabricOf(await askUnloaded(stack, text, parameters.unloadedEach), profiles);
  const model = { profiles, fabric, cores: availableParallelism() };
  const backlog = await drawTrace(text, parameters.backlogRequests, seeds.backlog);
  const atOnce = { ...model, crowded: crowdedAssumed };
  const { lastedMs } = simulateTrace(atOnce, backlog.requests, []);
  const requestsPerS = (loadShare * backlog.requests.length * 1000) / lastedMs;
  const run = async (seconds: number, seed: number): Promise<FittedRun> => {
    const { requests, atUnits } = await drawTrace(text, Math.ceil(requestsPerS * seconds), seed);
    const atMs = atUnits.map((at) => (at * 1000) / requestsPerS);
    return { model, requests, atMs, live: await replay(stack.http, requests, atMs) };
  };
  const fit = await run(parameters.fitS, seeds.fit + number);
  const validated = await run(parameters.traceS, seeds.validated + number);
  say(
    `load ${loadShare}: ${validated.requests.length} requests, ${requestsPerS.toFixed(2)} a second`,
  );
  for (const [name, value] of Object.entries(fabric)) say(`  ${name}: ${JSON.stringify(value)}`);
  return { loadShare, requestsPerS, fit, validated };
};

const compared = (
  { loadShare, requestsPerS, validated }: LiveLoad,
  crowded: Crowded,
): ValidatedLoad => {
  const { requests, atMs } = validated;
  const model: StackModel = { ...validated.model, crowded };
  const seen = simulateTrace(model, requests, atMs);
  const [live, simulated] = [figuresOf(validated.live), figuresOf(seen)];
  const errors = errorsOf(live, simulated);
  say(`load ${loadShare}: hops ${JSON.stringify(model.fabric)}`);
  for (const [name, figures] of Object.entries({ live, simulated, errors })) {
    say(`  ${name}: ${JSON.stringify(figures)}`);
  }
  return {
    ...{ loadShare, requestsPerS: round(requestsPerS), model, live, simulated, errors },
    failed: validated.live.failed.length,
    lateMaxMs: round(validated.live.lateMaxMs),
    requests: requests.map(({ images, imageTokens, textTokens, answerTokens }) => {
      return { images, imageTokens, textTokens, answerTokens };
    }),
    ...{ atMs, answers: validated.live.answers, simulatedAnswers: seen.answers },
  };
};

/** All loads live; then one fit over their first traces, and the comparison of their second. */
export const validateLoads = async (
  side: LiveSide,
  parameters: ValidationParameters,
): Promise<readonly ValidatedLoad[]> => {
  const loads: LiveLoad[] = [];
  for (const [number, loadShare] of parameters.loadShares.entries()) {
    loads.push(await runLoad(side, { loadShare, number }, parameters));
  }
  const fitted = loads.flatMap(({ fit }) => fit.live.answers);
  const hopping = (run: FittedRun): FittedRun => {
    const fabric = fabricUnderLoad(run.model.fabric, fitted);
    return { ...run, model: { ...run.model, fabric } };
  };
  const crowded = fitCrowded(loads.map(({ fit }) => hopping(fit)));
  say(`speeds beside other work: ${JSON.stringify(crowded)}`);
  return loads.map((load) => compared({ ...load, validated: hopping(load.validated) }, crowded));
};
