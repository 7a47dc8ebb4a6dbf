import type { Random } from '@isotherm/kernel';
import { drawExponential, drawGeometric } from '../chance/draw.ts';
import { randomStream } from '../chance/xoshiro.ts';
import { createSimulation, type Simulation } from '../engine/simulation.ts';
import { createHost } from '../host/host.ts';
import { createBatchBank } from './batch-bank.ts';
import type { Job, StationBank } from './station-bank.ts';
import { createTextBank } from './text-bank.ts';

/** A queue of which theory says the mean time from arrival to end, as a station of ours. */
export interface ClosedForm {
  readonly name: string;
  readonly arrivalsPerMs: number;
  readonly meanMs: number;
  /** By how much the station is off by its nature: steps are not infinitely short. */
  readonly biasMs: number;
  make(
    simulation: Simulation,
    random: Random,
    onDone: (station: number, job: Job) => void,
  ): StationBank;
}

/** Mean time in M/M/c by Erlang's formula, with mean work 1. */
const erlangMs = (servers: number, load: number): number => {
  const offered = servers * load;
  let term = 1;
  let sum = 1;
  for (let n = 1; n < servers; n += 1) sum += term *= offered / n;
  const last = ((term * offered) / servers) * (1 / (1 - load));
  const waits = last / (sum + last);
  return 1 + waits / (servers * (1 - load));
};

const manyServers = (servers: number, load: number): ClosedForm => {
  return {
    name: `M/M/${servers} at ${load}`,
    arrivalsPerMs: servers * load,
    meanMs: erlangMs(servers, load),
    biasMs: 0,
    make: (simulation, random, onDone) =>
      createBatchBank(simulation, {
        stations: 1,
        ...{ kind: 'encode', units: servers, tokensOf: () => 1, onDone },
        cost: { batchMax: 1, timeMs: () => drawExponential(random) },
      }),
  };
};

/** Sequences in a batch whose step takes a millisecond for each of them share a processor: M/G/1-PS, S ÷ (1 − ρ). */
const sharedProcessor = (
  name: string,
  load: number,
  meanSteps: number,
  draw: (random: Random) => number,
): ClosedForm => {
  const stepMs = 1 / meanSteps;
  return {
    name: `M/${name}/1-PS at ${load}`,
    arrivalsPerMs: load,
    meanMs: 1 / (1 - load),
    // Who joins waits for the step that is being made: half of one, of as many sequences as there are, and its own rounding.
    biasMs: (2 * stepMs) / (1 - load),
    make: (simulation, random, onDone) => {
      const steps: number[] = [];
      return createTextBank(simulation, {
        stations: 1,
        decode: { batchMax: 10_000, timeMs: (batch) => batch * stepMs },
        stepsMax: Infinity,
        contextOf: () => 0,
        answerOf: (job) => (steps[job] ??= draw(random)),
        onDone,
      });
    },
  };
};

/** More threads than there ever are with work. */
const threadsMax = 256;

/**
 * Threads on a host whose cores they share: M/G/c-PS. Its mean is that of M/M/c, whatever the work's distribution: it has as
 * many jobs as that where work is exponential, and in a queue that shares so it is insensitive to the rest.
 */
const sharedHost = (
  name: string,
  cores: number,
  load: number,
  draw: (random: Random) => number,
): ClosedForm => ({
  name: `M/${name}/${cores}-PS at ${load}`,
  arrivalsPerMs: cores * load,
  meanMs: erlangMs(cores, load),
  biasMs: 0,
  make: (simulation, random, onDone) =>
    createBatchBank(simulation, {
      stations: 1,
      ...{ kind: 'encode', units: threadsMax, tokensOf: () => 1, onDone },
      cost: { batchMax: 1, timeMs: () => draw(random) },
      host: createHost(simulation, { cores }),
    }),
});

/**
 * A server that takes up to K of those who wait at once, exponentially long whatever their number. With r the root in (0, 1)
 * of μ r^(K+1) − (λ + μ) r + λ = 0, n wait while it works with probability p₀ rⁿ, and p₀ (1/(1 − r) + μ/λ) = 1: from the
 * balance of its states (Bailey's queue that starts with one).
 */
const batches = (batchMax: number, load: number): ClosedForm => {
  const arrivalsPerMs = load * batchMax;
  let [low, high] = [0, 1 - 1e-9];
  for (let round = 0; round < 100; round += 1) {
    const r = (low + high) / 2;
    let tail = 0;
    for (let n = 1; n <= batchMax; n += 1) tail += r ** n;
    if (tail < arrivalsPerMs) low = r;
    else high = r;
  }
  const atRest = 1 / (1 / (1 - low) + 1 / arrivalsPerMs);
  return {
    name: `M/M[${batchMax}]/1 at ${load}`,
    arrivalsPerMs,
    meanMs: 1 + (atRest * low) / (1 - low) ** 2 / arrivalsPerMs,
    biasMs: 0,
    make: (simulation, random, onDone) =>
      createBatchBank(simulation, {
        stations: 1,
        ...{ kind: 'prefill', tokensOf: () => 1, onDone },
        cost: { batchMax, timeMs: () => drawExponential(random) },
      }),
  };
};

const meanSteps = 2000;

export const closedForms: readonly ClosedForm[] = [
  manyServers(1, 0.5),
  manyServers(4, 0.7),
  manyServers(32, 0.8),
  sharedProcessor('M', 0.6, meanSteps, (random) => drawGeometric(random, meanSteps)),
  sharedProcessor('D', 0.6, meanSteps, () => meanSteps),
  // Nine short to one long: the mean does not depend on more than the mean.
  sharedProcessor('G', 0.6, meanSteps, (random) =>
    random() < 0.9 ? meanSteps / 2 : meanSteps * 5.5,
  ),
  sharedHost('M', 2, 0.7, drawExponential),
  sharedHost('D', 2, 0.7, () => 1),
  sharedHost('G', 2, 0.7, (random) => (random() < 0.9 ? 0.5 : 5.5)),
  batches(4, 0.6),
  batches(16, 0.3),
];

export interface SimulatedMean {
  readonly mean: number;
  /** By the means of batches of requests that follow each other. */
  readonly standardError: number;
  readonly events: number;
}

const batchRequests = 4000;

/** Mean time of so many requests from arrival to end, after a tenth of them that are not counted. */
export const simulatedMean = (form: ClosedForm, requests: number, seed: number): SimulatedMean => {
  const simulation = createSimulation();
  const random = randomStream(seed, form.name);
  const warmUp = Math.floor(requests / 10);
  const batchMeans = new Float64Array(Math.floor(requests / batchRequests));
  const arrivedMs = new Float64Array(requests + warmUp);
  const bank = form.make(simulation, randomStream(seed, `${form.name}, work`), (_, job) => {
    const nowMs = simulation.clock.nowMs();
    const batch = Math.floor((job - warmUp) / batchRequests);
    if (job < warmUp || batch >= batchMeans.length) return;
    const soFar = batchMeans[batch] as number;
    batchMeans[batch] = soFar + (nowMs - (arrivedMs[job] as number)) / batchRequests;
  });
  let arrived = 0;
  const arrivals = simulation.add(1, () => {
    const nowMs = simulation.clock.nowMs();
    arrivedMs[arrived] = nowMs;
    bank.enqueue(0, arrived);
    arrived += 1;
    if (arrived < arrivedMs.length) arrivals.set(0, nowMs + gapMs());
  });
  const gapMs = (): number => drawExponential(random) / form.arrivalsPerMs;
  arrivals.set(0, gapMs());
  simulation.runUntil(Infinity);
  const mean = batchMeans.reduce((sum, each) => sum + each, 0) / batchMeans.length;
  const variance =
    batchMeans.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (batchMeans.length - 1);
  return {
    mean,
    standardError: Math.sqrt(variance / batchMeans.length),
    events: simulation.events,
  };
};
