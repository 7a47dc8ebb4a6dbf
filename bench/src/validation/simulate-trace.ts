import {
  type Arrival,
  createPipeline,
  createSimulation,
  type Deployment,
  type HostCores,
  type Pipeline,
  profileCost,
  randomStream,
  type StageCost,
  usageKinds,
} from '@isotherm/simulator';
import type { EngineProfiles } from './engine-profiles.ts';
import type { MeasuredFabric } from './fabric-cost.ts';
import { batchMax, largeYieldMsMax, patience } from './parameters.ts';
import type { Replayed } from './replay.ts';
import type { TracedRequest } from './trace.ts';

/** All that the simulator is told of the stack and its machine. */
export interface StackModel {
  readonly profiles: EngineProfiles;
  readonly fabric: MeasuredFabric;
  /** Processors, less what event loops take of them without any request. */
  readonly cores: number;
  readonly crowded: Crowded;
}

/** By what speeds are multiplied beside other work. */
export interface Crowded {
  readonly encode: number;
  readonly prefill: number;
  readonly decode: number;
}

export interface Simulated extends Pick<Replayed, 'answers' | 'lastedMs'> {
  /** Media's time at the encoder, requests' times in the other engines, all together: as of `TimedAnswer`. */
  readonly encodeMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** Processor time of event loops. */
  readonly loopsMs: number;
}

/** How often it is looked at who is at the encoder. */
const watchMs = 1;

/** The same requests at the same times, simulated. */
export const simulateTrace = (
  model: StackModel,
  requests: readonly TracedRequest[],
  atMs: readonly number[],
): Simulated => {
  let next = 0;
  const source = (): Arrival | undefined => {
    const request = requests[next];
    if (request === undefined) return undefined;
    const arrival = arrivalOf(request, atMs[next] ?? 0);
    next += 1;
    return arrival;
  };
  const start = (pipeline: Pipeline): void => pipeline.feed({ next: source }, 0);
  return simulate(model, requests.length, start, (arrivedMs) => atMs.indexOf(arrivedMs));
};

/** As many requests in flight as there are lanes, until the time is up: each answer brings the next. */
export const simulateLanes = (
  model: StackModel,
  requests: readonly TracedRequest[],
  { lanes, seconds }: { readonly lanes: number; readonly seconds: number },
): Simulated => {
  let next = 0;
  const bring = (pipeline: Pipeline, nowMs: number): void => {
    const request = requests[next];
    if (request === undefined || nowMs >= 1000 * seconds) return;
    next += 1;
    const arrivals = [arrivalOf(request, nowMs)];
    pipeline.feed({ next: () => arrivals.shift() }, 0);
  };
  const start = (pipeline: Pipeline): void => {
    for (let lane = 0; lane < lanes; lane += 1) bring(pipeline, 0);
  };
  let answered = 0;
  return simulate(model, 0, start, () => answered++, bring);
};

const arrivalOf = (
  { images: media, imageTokens: mediumTokens, textTokens, answerTokens }: TracedRequest,
  atMs: number,
): Arrival => ({ atMs, media, mediumTokens, textTokens, answerTokens });

/** Encoders are watched until `watched` requests have been answered. */
const simulate = (
  model: StackModel,
  watched: number,
  start: (pipeline: Pipeline) => void,
  indexOf: (arrivedMs: number) => number,
  onAnswered?: (pipeline: Pipeline, nowMs: number) => void,
): Simulated => {
  const simulation = createSimulation();
  const answers: Replayed['answers'][number][] = [];
  let lastMs = 0;
  const { cores, crowded } = model;
  const host: HostCores = { cores, crowded };
  const pipeline = createPipeline(simulation, {
    ...{ deployments: [deploymentOf(model)], random: randomStream(1, 'routes'), hosts: [host] },
    onAnswered: (_, answer) => {
      const { arrivedMs, media: images, ttftMs, wholeMs, tokens } = answer;
      lastMs = simulation.clock.nowMs();
      const times = { ttftMs, wholeMs, endedMs: lastMs };
      answers.push({ index: indexOf(arrivedMs), images, tokens, ...times });
      onAnswered?.(pipeline, lastMs);
    },
  });
  start(pipeline);
  let encodeMs = 0;
  const encoders = pipeline.instances.filter(({ role }) => role === 'encode');
  const watch = simulation.add(1, () => {
    for (const { bank, station } of encoders) {
      encodeMs += watchMs * (bank.waiting(station) + bank.running(station));
    }
    if (answers.length < watched) watch.set(0, simulation.clock.nowMs() + watchMs);
  });
  watch.set(0, 0);
  simulation.runUntil(Infinity);
  const totalMs = (kind: 'prefill' | 'decode'): number =>
    pipeline.instances
      .filter(({ role }) => role === kind)
      .reduce(
        (sum, { bank, station }) => sum + bank.usage.batchMs(station, usageKinds.indexOf(kind)),
        0,
      );
  const engines = { prefillMs: totalMs('prefill'), decodeMs: totalMs('decode') };
  const { loopsMs } = pipeline;
  return { answers, lastedMs: lastMs, encodeMs, ...engines, loopsMs };
};

const deploymentOf = ({ profiles, fabric }: StackModel): Deployment => {
  const decode = profileCost(profiles.decode);
  const costs: Readonly<Record<'encode' | 'prefill' | 'decode', StageCost>> = {
    encode: { ...profileCost(profiles.encode), batchMax: batchMax.encode },
    prefill: { ...profileCost(profiles.prefill), batchMax: batchMax.prefill },
    decode: {
      batchMax: batchMax.decode,
      timeMs: (batch, tokens) => Math.max(0, decode.timeMs(batch, tokens) + fabric.stepMs),
    },
  };
  const pool = { count: 1, gpus: 0, costs, host: 0 };
  return {
    ...{ model: 'middling', reading: 'decoder-only', mediaTokenShare: 1 },
    fabric: { ...fabric, largeTurns: { yieldMsMax: largeYieldMsMax } },
    pools: [
      { ...pool, role: 'encode', patience: patience.encode },
      { ...pool, role: 'prefill', patience: patience.prefill },
      { ...pool, role: 'decode', stepsAhead: 1 },
    ],
    transfer: { latencyMs: fabric.handOverMs, embeddingMsPerToken: 0, kvMsPerToken: 0 },
    ...{ slo: { ttftMs: 1000, tbtMs: 100 }, answerTokensExpected: 20 },
  };
};
