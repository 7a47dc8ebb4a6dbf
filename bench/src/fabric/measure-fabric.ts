import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProfileOptions } from '@isotherm/engine';
import { type LocalStack, shippedModelDir, startLocalStack } from '@isotherm/stack';
import { chatBody, type Question } from '../client/chat-body.ts';
import { createChatClient } from '../client/chat-client.ts';
import { loadNow } from '../report/environment.ts';
import { say } from '../report/result.ts';
import { profileSettings } from '../stack/profile-settings.ts';
import { type LatencyRun, measureAddedLatency } from './added-latency.ts';
import { type DirectEngine, directOnnx, directProfile } from './direct-engine.ts';
import { type LaneHop, measureLaneHop } from './lane-hop.ts';
import type { LoadOutcome } from './load-process.ts';
import type { FabricParameters } from './parameters.ts';
import { type CpuMs, cpuOfServices, cpuPerRequest } from './process-cpu.ts';
import { measureThroughput } from './throughput.ts';
import { measureTransfers, type Transfer } from './transfer.ts';

/** Everything that one run measured. */
export interface FabricRun {
  readonly loadAverage: readonly number[];
  /** Engines of zero cost. */
  readonly zeroCost: LatencyRun;
  /** Engines whose decode step takes a given time, so that every token travels alone. */
  readonly stepped: LatencyRun;
  /** The shipped model: a question without and with a picture. */
  readonly onnxText: LatencyRun | undefined;
  readonly onnxPicture: LatencyRun | undefined;
  readonly throughput: readonly Load[];
  readonly laneHop: LaneHop;
  readonly laneHop64: LaneHop;
  readonly transfers: readonly Transfer[];
}

interface LoadKind {
  readonly concurrency: number;
  readonly stream: boolean;
}

type Load = LoadKind &
  LoadOutcome & {
    /** Processor time of a request in each service, in milliseconds; Redis and the generator come on top. */
    readonly cpuMsPerRequest: CpuMs;
  };

/** A stack and the engine that it is compared with. */
interface Pair {
  readonly stack: LocalStack;
  readonly direct: DirectEngine;
}

/** 16 tokens for the byte-level model of the profile: a KV cache of 32 KiB. */
const smallQuestion = 'Is unit 3 on?';

export const measureFabric = async (
  redisUrl: string,
  parameters: FabricParameters,
): Promise<readonly FabricRun[]> => {
  const pairs: Pair[] = [];
  const open = async (pair: Promise<Pair>): Promise<Pair> => {
    pairs.push(await pair);
    return pair;
  };
  try {
    say('starting services');
    const zeroCost = await open(profilePair(redisUrl, 'zero', {}));
    const stepped = await open(
      profilePair(redisUrl, 'stepped', { decodeStepMs: parameters.stepMs }),
    );
    const onnx = parameters.onnxPairs > 0 ? await open(onnxPair(redisUrl)) : undefined;
    say('warming up');
    for (const { stack } of [zeroCost, stepped]) await warm(stack, parameters);
    const runs: FabricRun[] = [];
    for (let run = 1; run <= parameters.runs; run++) {
      say(`run ${run} of ${parameters.runs}, load average ${loadNow().join(' ')}`);
      runs.push(await measureRun(redisUrl, parameters, { zeroCost, stepped, onnx }));
    }
    return runs;
  } finally {
    await Promise.all(pairs.flatMap(({ stack, direct }) => [stack.stop(), direct.close()]));
  }
};

const measureRun = async (
  redisUrl: string,
  parameters: FabricParameters,
  pairs: { readonly zeroCost: Pair; readonly stepped: Pair; readonly onnx: Pair | undefined },
): Promise<FabricRun> => {
  const { answerTokens: tokensMax } = parameters;
  const small: Question = { text: smallQuestion, tokensMax };
  const loadAverage = loadNow();
  const zeroCost = await latency(pairs.zeroCost, small, parameters.pairs);
  sayLatency('zero cost', zeroCost);
  const stepped = await latency(pairs.stepped, small, parameters.steppedPairs);
  sayLatency(`step of ${parameters.stepMs} ms`, stepped);
  let onnxText: LatencyRun | undefined;
  let onnxPicture: LatencyRun | undefined;
  if (pairs.onnx !== undefined) {
    const question = { text: 'Describe the picture.', tokensMax };
    onnxText = await latency(pairs.onnx, question, parameters.onnxPairs);
    sayLatency('shipped model, text', onnxText);
    const image = await readFile(join(shippedModelDir, 'examples/rack.png'));
    onnxPicture = await latency(pairs.onnx, { ...question, image }, parameters.onnxPairs);
    sayLatency('shipped model, picture', onnxPicture);
  }
  const throughput = await loads(pairs.zeroCost.stack, parameters);
  const hop = { redisUrl, jobs: parameters.laneJobs };
  const laneHop = await measureLaneHop({ ...hop, inFlight: 1 });
  const laneHop64 = await measureLaneHop({ ...hop, inFlight: 64 });
  say(`  lane hop p50 ${laneHop.hopMs.p50} ms; ${laneHop64.jobsPerS} jobs/s with 64 in flight`);
  const { sizesBytes, pulls, pullMsMax: timeMsMax } = parameters;
  const transfers = await measureTransfers({ sizesBytes, pulls, timeMsMax });
  for (const { kind, bytes, pullMs, mbPerS } of transfers) {
    say(`  pull of ${bytes} bytes (${kind}): p50 ${pullMs.p50} ms, ${mbPerS} MB/s`);
  }
  return {
    loadAverage,
    zeroCost,
    stepped,
    onnxText,
    onnxPicture,
    throughput,
    laneHop,
    laneHop64,
    transfers,
  };
};

const latency = async (
  { stack, direct }: Pair,
  question: Question,
  requests: number,
): Promise<LatencyRun> => {
  const client = createChatClient({ baseUrl: stack.http, connectionsMax: 1 });
  try {
    // Connections, compiled code and caches: the first requests are not what is measured.
    const options = { client, direct, question };
    await measureAddedLatency({ ...options, requests: Math.ceil(requests / 5) });
    return await measureAddedLatency({ ...options, requests });
  } finally {
    client.close();
  }
};

const sayLatency = (what: string, { firstToken, perToken }: LatencyRun): void =>
  say(
    `  ${what}: first token +${firstToken.addedP50} ms (p99 +${firstToken.addedP99} ms), ` +
      `per token +${perToken.addedP50} ms`,
  );

/** Long enough for V8 to have compiled what is measured. */
const warm = async (stack: LocalStack, parameters: FabricParameters): Promise<void> => {
  const { firstWarmMs: measureMs, loadAnswerTokens: tokensMax } = parameters;
  const body = JSON.stringify({ ...chatBody({ text: smallQuestion, tokensMax }), stream: true });
  const order = { baseUrl: stack.http, body, concurrency: 32, warmMs: 0, measureMs };
  await measureThroughput(order);
};

/** Streamed answers at every concurrency, and whole answers at the first one. */
const loads = async (stack: LocalStack, parameters: FabricParameters): Promise<readonly Load[]> => {
  const { concurrencies, loadWarmMs: warmMs, loadMs: measureMs } = parameters;
  const kinds: readonly LoadKind[] = [
    ...concurrencies.map((concurrency) => ({ concurrency, stream: true })),
    { concurrency: concurrencies[0] ?? 1, stream: false },
  ];
  const measured: Load[] = [];
  for (const kind of kinds) {
    const { concurrency, stream } = kind;
    const question = { text: smallQuestion, tokensMax: parameters.loadAnswerTokens };
    const body = JSON.stringify({ ...chatBody(question), stream });
    const before = await cpuOfServices(stack);
    const order = { baseUrl: stack.http, body, concurrency, warmMs, measureMs };
    const outcome = await measureThroughput(order);
    const cpu = cpuPerRequest(before, await cpuOfServices(stack), outcome.answered);
    measured.push({ ...kind, ...outcome, cpuMsPerRequest: cpu });
    say(
      `  ${concurrency} in flight, ${stream ? 'streamed' : 'whole'}: ` +
        `${outcome.requestsPerS} requests/s, p50 ${outcome.answerMs.p50} ms, ` +
        `${outcome.failed} failed, processor ${JSON.stringify(cpu)} ms a request`,
    );
  }
  return measured;
};

const profilePair = async (
  redisUrl: string,
  name: string,
  profile: ProfileOptions,
): Promise<Pair> => ({
  stack: await startLocalStack({
    redisUrl,
    settings: profileSettings(name, profile),
  }),
  direct: directProfile(profile),
});

const onnxPair = async (redisUrl: string): Promise<Pair> => ({
  stack: await startLocalStack({
    redisUrl,
    settings: { ISOTHERM_PREFIX: `bench-onnx-${process.pid}` },
  }),
  direct: await directOnnx(shippedModelDir),
});
