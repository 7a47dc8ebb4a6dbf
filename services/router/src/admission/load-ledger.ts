import type { Intake, Stage } from '@isotherm/kernel';
import {
  type Demand,
  type InstanceView,
  type LoadView,
  observeJob,
  type Places,
  type StageLoad,
  type StageSpeed,
  unknownSpeed,
} from '@isotherm/policy';
import type { StageTime } from '../answer/flow.ts';

/** Which stages a model's requests go through. */
export type AnswerPath = 'staged' | 'whole' | 'pair';

export interface LedgerOptions {
  readonly model: string;
  readonly path: AnswerPath;
  /** The fleet as it is now. */
  views(): readonly InstanceView[];
  /** Requests in the fleet for each hundred decode slots. */
  readonly placesPercent: number;
}

/** What of one model is in the fleet: what was let in and has not left, and how fast it goes. */
export interface LoadLedger {
  enter(demand: Demand): void;
  /** Its media are encoded. */
  encoded(demand: Demand): void;
  /** Its first token is there. */
  prefilled(demand: Demand): void;
  /** It has left, after so long. */
  leave(placeMs: number): void;
  /** Learns from the jobs of an answer. */
  learn(stages: readonly StageTime[]): void;
  view(): LoadView;
}

/** What the last request counts in the mean time of all. */
const placeMsWeight = 1 / 32;

interface StageCount {
  jobs: number;
  tokens: number;
  speed: StageSpeed;
}

export const createLoadLedger = (options: LedgerOptions): LoadLedger => {
  const { path, views, model, placesPercent } = options;
  const takes: Intake = path === 'staged' ? 'tensors' : 'conversation';
  const encode: StageCount = { jobs: 0, tokens: 0, speed: unknownSpeed };
  const prefill: StageCount = { jobs: 0, tokens: 0, speed: unknownSpeed };
  let taken = 0;
  let placeMs: number | undefined;
  /** As many as there were: while all instances are away their number says nothing of how many will come back. */
  let places: number | undefined;

  /** Its stages' instances that take work. */
  const serving = (): readonly InstanceView[] =>
    views().filter(
      (view) => view.ready && view.model === model && (view.takes ?? 'tensors') === takes,
    );
  const loadOf = (
    all: readonly InstanceView[],
    stage: Stage,
    { jobs, tokens, speed }: StageCount,
  ): StageLoad => {
    const instances = all.filter((view) => view.stage === stage);
    const capacity = capacityOf(instances);
    return { instances: instances.length, capacity, jobs, tokens, speed };
  };
  const placesOf = (all: readonly InstanceView[]): Places => {
    const stage = path === 'whole' ? 'whole' : 'decode';
    const capacity = capacityOf(all.filter((view) => view.stage === stage));
    if (capacity > 0) places = Math.ceil((capacity * placesPercent) / 100);
    return { taken, count: places };
  };
  const learnJob = (count: StageCount, { tokens, timing }: StageTime): void => {
    if (timing === null) return;
    const worked = tokens - timing.cachedTokens;
    // Of a job that found its result in a cache there is nothing to learn.
    if (worked <= 0) return;
    const job = { tokens: worked, ms: timing.engineMs / Math.max(1, timing.batch) };
    count.speed = observeJob(count.speed, job);
  };

  return {
    enter: (demand) => {
      taken += 1;
      encode.jobs += demand.encodeJobs;
      encode.tokens += demand.encodeTokens;
      prefill.jobs += 1;
      prefill.tokens += demand.prefillTokens;
    },
    encoded: (demand) => {
      encode.jobs -= demand.encodeJobs;
      encode.tokens -= demand.encodeTokens;
    },
    prefilled: (demand) => {
      prefill.jobs -= 1;
      prefill.tokens -= demand.prefillTokens;
    },
    leave: (ms) => {
      taken -= 1;
      placeMs = placeMs === undefined ? ms : placeMs + (ms - placeMs) * placeMsWeight;
    },
    learn: (stages) => {
      for (const time of stages) {
        if (time.stage === 'encode') learnJob(encode, time);
        if (time.stage === 'prefill' && path === 'staged') learnJob(prefill, time);
      }
    },
    view: () => {
      const all = serving();
      return {
        encode: loadOf(all, 'encode', encode),
        prefill: loadOf(all, 'prefill', prefill),
        places: placesOf(all),
        placeMs,
      };
    },
  };
};

const capacityOf = (instances: readonly InstanceView[]): number =>
  instances.reduce((sum, { capacity }) => sum + capacity, 0);
