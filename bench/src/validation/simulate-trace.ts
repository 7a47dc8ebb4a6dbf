import {
  createPipeline,
  createSimulation,
  type Deployment,
  type HostCores,
  profileCost,
  randomStream,
  type StageCost,
  usageKinds,
} from '@isotherm/simulator';
import type { EngineProfiles } from './engine-profiles.ts';
import type { MeasuredFabric } from './fabric-cost.ts';
import { batchMax } from './parameters.ts';
import type { Replayed } from './replay.ts';
import type { TracedRequest } from './trace.ts';

/** All that the simulator is told of the stack and its machine. */
export interface StackModel {
  readonly profiles: EngineProfiles;
  readonly fabric: MeasuredFabric;
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
}

/** How often it is looked at who is at the encoder. */
const watchMs = 1;

/** The same requests at the same times, simulated. */
export const simulateTrace = (
  model: StackModel,
  requests: readonly TracedRequest[],
  atMs: readonly number[],
): Simulated => {
  const simulation = createSimulation();
  const answers: Replayed['answers'][number][] = [];
  let lastMs = 0;
  const { cores, crowded } = model;
  const host: HostCores = { cores, turns: 'by-core', crowded };
  const pipeline = createPipeline(simulation, {
    ...{ deployments: [deploymentOf(model)], random: randomStream(1, 'routes'), hosts: [host] },
    onAnswered: (_, answer) => {
      const { arrivedMs, media: images, ttftMs, wholeMs, tokens } = answer;
      answers.push({ index: atMs.indexOf(arrivedMs), images, ttftMs, wholeMs, tokens });
      lastMs = simulation.clock.nowMs();
    },
  });
  let next = 0;
  const source = () => {
    const request = requests[next];
    if (request === undefined) return undefined;
    const { images: media, imageTokens: mediumTokens, textTokens, answerTokens } = request;
    const arrival = { atMs: atMs[next] ?? 0, media, mediumTokens, textTokens, answerTokens };
    next += 1;
    return arrival;
  };
  pipeline.feed({ next: source }, 0);
  let encodeMs = 0;
  const encoders = pipeline.instances.filter(({ role }) => role === 'encode');
  const watch = simulation.add(1, () => {
    for (const { bank, station } of encoders) {
      encodeMs += watchMs * (bank.waiting(station) + bank.running(station));
    }
    if (answers.length < requests.length) watch.set(0, simulation.clock.nowMs() + watchMs);
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
  return { answers, lastedMs: lastMs, encodeMs, ...engines };
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
    ...{ model: 'middling', reading: 'decoder-only', mediaTokenShare: 1, fabric },
    pools: [
      { ...pool, role: 'encode', order: 'short-first' },
      { ...pool, role: 'prefill', order: 'short-first' },
      { ...pool, role: 'decode', stepsAhead: 1 },
    ],
    transfer: { latencyMs: fabric.handOverMs, embeddingMsPerToken: 0, kvMsPerToken: 0 },
    ...{ slo: { ttftMs: 1000, tbtMs: 100 }, answerTokensExpected: 20 },
  };
};
