import { encodesBesidePrefill } from '@isotherm/policy';
import type { Arrival, ArrivalSource } from '../arrivals/arrival.ts';
import type { Simulation } from '../engine/simulation.ts';
import { createHost, type HostCores } from '../host/host.ts';
import type { Deployment, Role } from './deployment.ts';
import { createFabric } from './fabric.ts';
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts';
import { createFleet, type FleetInstance } from './fleet.ts';
import { createDoor } from './door.ts';
import { type AnswerTimes, countAnswer, createOutcome, type Outcome } from './outcome.ts';
import { promptTokens } from './prompt-tokens.ts';
import { createRequestTable, type RequestTable } from './request-table.ts';
import { sloTarget, type SloTarget } from './slo-target.ts';
import { createTransfers } from './transfers.ts';

export interface PipelineOptions extends DispatcherOptions {
  /** Requests that arrive earlier are served and not counted. */
  readonly countFromMs?: number;
  /** Hosts that pools share; absent: none. */
  readonly hosts?: readonly HostCores[];
  /** Is told of each answer that is counted. */
  onAnswered?(deployment: number, answer: AnswerTimes): void;
}

/** The path of requests through stages: who decides is packages/policy, as in the router. */
export interface Pipeline {
  readonly instances: readonly FleetInstance[];
  /** Of each deployment. */
  readonly outcomes: readonly Outcome[];
  /** Requests that are alive, and the most that ever were. */
  readonly alive: number;
  readonly aliveMax: number;
  /** Processor time of event loops so far, of all deployments, in milliseconds. */
  readonly loopsMs: number;
  /** Lets requests of a source come in, for a deployment. */
  feed(source: ArrivalSource, deployment: number): void;
  /** Work that waits for an instance is tried again: one has become ready. */
  retry(): void;
}

export const createPipeline = (simulation: Simulation, options: PipelineOptions): Pipeline => {
  const { deployments, countFromMs = 0 } = options;
  const { time } = simulation;
  const outcomes = deployments.map(createOutcome);
  const requests = createRequestTable();
  const hosts = (options.hosts ?? []).map((host) => createHost(simulation, host));
  const counter = createCounter({ ...options, requests, outcomes, time, countFromMs });
  const transfers = createTransfers<Role>(simulation, (row, role) => go(row, role));
  const fabric = createFabric(deployments, hosts);
  const door = createDoor(simulation, { deployments, requests, fabric }, (row) => enter(row));
  const deploymentOf = (row: number): Deployment =>
    deployments[requests.columns.deployment[row] as number] as Deployment;

  const fleet = createFleet(
    simulation,
    deployments,
    requests,
    {
      onTokens: (number, gapMs, tokens) => {
        (outcomes[number] as Outcome).gapMs.add(gapMs, tokens);
        fabric.onTokens(number, tokens);
      },
      onEncoded: (instance, row) => {
        const { mediaLeft, media, mediumTokens } = requests.columns;
        dispatcher.release(instance, row);
        mediaLeft[row] = (mediaLeft[row] as number) - 1;
        if (mediaLeft[row] !== 0) return;
        requests.columns.encodedMs[row] = time[0] as number;
        const tokens = (media[row] as number) * (mediumTokens[row] as number);
        const { latencyMs, embeddingMsPerToken } = deploymentOf(row).transfer;
        const delayMs = latencyMs + tokens * embeddingMsPerToken;
        transfers.start(row, dispatcher.promptRole(row), delayMs);
      },
      onPrompt: (instance, row) => {
        const { columns } = requests;
        columns.firstTokenMs[row] = time[0] as number;
        if ((fleet[instance] as FleetInstance).role !== 'prefill') {
          return dispatcher.releasePrompt(instance, row);
        }
        dispatcher.release(instance, row);
        if ((columns.answerTokens[row] as number) <= 1) return end(row);
        fabric.onHandOver(columns.deployment[row] as number);
        const { latencyMs, kvMsPerToken } = deploymentOf(row).transfer;
        const tokens = dispatcher.tokensOf(row, 'prefill');
        transfers.start(row, 'decode', latencyMs + tokens * kvMsPerToken);
      },
      onAnswer: (instance, row) => {
        dispatcher.release(instance, row);
        end(row);
      },
    },
    hosts,
  );
  const dispatcher = createDispatcher(fleet, requests, options);
  /** Work for which there is no instance now. */
  const held: { readonly row: number; readonly role: Role }[] = [];

  const go = (row: number, role: Role): void => {
    if (!dispatcher.send(row, role)) held.push({ row, role });
  };
  const end = (row: number): void => {
    counter.answered(row);
    door.left(row);
    requests.giveBack(row);
  };
  const arrive = (arrival: Arrival, deployment: number): void => {
    const row = requests.take();
    fill(requests, row, arrival, deployment);
    requests.columns.arrivedMs[row] = time[0] as number;
    requests.columns.encodedMs[row] = time[0] as number;
    counter.arrived(row);
    door.came(row);
  };
  const enter = (row: number): void => {
    const { media, mediumTokens } = requests.columns;
    const count = media[row] as number;
    const isEncodedApart =
      count > 0 &&
      dispatcher.has(row, 'encode') &&
      !isColocated(count, mediumTokens[row] as number, deploymentOf(row));
    if (!isEncodedApart) return go(row, dispatcher.promptRole(row));
    for (let each = count; each > 0; each -= 1) go(row, 'encode');
  };

  return {
    ...{ instances: fleet, outcomes },
    get alive() {
      return requests.alive;
    },
    get aliveMax() {
      return requests.size;
    },
    get loopsMs() {
      return fabric.loopsMs;
    },
    feed: (source, deployment) => feed(simulation, source, (one) => arrive(one, deployment)),
    retry: () => {
      for (const { row, role } of held.splice(0)) go(row, role);
    },
  };
};

/** Each request of a source at its time. */
const feed = (
  simulation: Simulation,
  source: ArrivalSource,
  arrive: (arrival: Arrival) => void,
): void => {
  let pending = source.next();
  const alarm = simulation.add(1, () => {
    if (pending !== undefined) arrive(pending);
    pending = source.next();
    if (pending !== undefined) alarm.set(0, pending.atMs);
  });
  if (pending !== undefined) alarm.set(0, pending.atMs);
};

/** Whether who runs the prompt encodes its media too, by the rule of the policy. */
const isColocated = (media: number, tokens: number, { colocate }: Deployment): boolean =>
  colocate !== undefined && encodesBesidePrefill(new Array<number>(media).fill(tokens), colocate);

const fill = (
  { columns }: RequestTable,
  row: number,
  arrival: Arrival,
  deployment: number,
): void => {
  columns.deployment[row] = deployment;
  columns.textTokens[row] = arrival.textTokens;
  columns.media[row] = arrival.media;
  columns.mediaLeft[row] = arrival.media;
  columns.mediumTokens[row] = arrival.mediumTokens;
  columns.answerTokens[row] = Math.max(1, arrival.answerTokens);
};

interface CounterOptions extends Pick<PipelineOptions, 'deployments' | 'onAnswered'> {
  readonly requests: RequestTable;
  readonly outcomes: readonly Outcome[];
  readonly time: Float64Array;
  readonly countFromMs: number;
}

/** Counts those who arrived late enough to be counted. */
const createCounter = (options: CounterOptions) => {
  const { requests, deployments, outcomes, time, countFromMs, onAnswered } = options;
  return {
    arrived: (row: number): void => {
      const { deployment, textTokens, media, mediumTokens } = requests.columns;
      if ((time[0] as number) < countFromMs) return;
      const outcome = outcomes[deployment[row] as number] as Outcome;
      outcome.arrived += 1;
      outcome.textTokens += textTokens[row] as number;
      outcome.mediaTokens += (media[row] as number) * (mediumTokens[row] as number);
    },
    answered: (row: number): void => {
      const { deployment, arrivedMs, encodedMs, firstTokenMs, answerTokens, media } =
        requests.columns;
      const number = deployment[row] as number;
      const sinceMs = arrivedMs[row] as number;
      if (sinceMs < countFromMs) return;
      const answer = {
        arrivedMs: sinceMs,
        media: media[row] as number,
        encodedMs: (encodedMs[row] as number) - sinceMs,
        ttftMs: (firstTokenMs[row] as number) - sinceMs,
        wholeMs: (time[0] as number) - sinceMs,
        tokens: answerTokens[row] as number,
      };
      const target = targetOf(requests, row, deployments[number] as Deployment);
      countAnswer(outcomes[number] as Outcome, target, answer);
      onAnswered?.(number, answer);
    },
  };
};

const targetOf = (
  requests: RequestTable,
  row: number,
  { slo, mediaTokenShare }: Deployment,
): SloTarget => {
  const { media, mediumTokens, answerTokens } = requests.columns;
  return sloTarget(slo, {
    media: media[row] as number,
    mediumTokens: mediumTokens[row] as number,
    promptTokens: promptTokens(requests, mediaTokenShare, row),
    answerTokens: answerTokens[row] as number,
  });
};
