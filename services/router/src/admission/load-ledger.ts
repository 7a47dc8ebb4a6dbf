import {
  countedTokens,
  type Demand,
  type LoadView,
  observeJob,
  type Places,
  type SloClassName,
  type StageLoad,
  type StageSpeed,
  type TakenByClass,
  unknownSpeed,
} from '@isotherm/policy';
import type { StageTime } from '../answer/flow.ts';
import type { FleetSize, StageSize } from './fleet-size.ts';

/** Which stages a model's requests go through. */
export type AnswerPath = 'staged' | 'whole' | 'pair';

export interface LedgerOptions {
  readonly path: AnswerPath;
  /** The model's instances as they are now. */
  size(): FleetSize;
  /** Requests in the fleet for each hundred decode slots. */
  readonly placesPercent: number;
}

/** What of one model is in the fleet: what was let in and has not left, and how fast it goes. */
export interface LoadLedger {
  /** What of a demand is counted: see `countedTokens`. Its steps are told with that. */
  counted(demand: Demand): Demand;
  enter(demand: Demand, sloClass: SloClassName): void;
  /** Its media are encoded. */
  encoded(demand: Demand): void;
  /** Its first token is there. */
  prefilled(demand: Demand): void;
  /** It has left, after so long. */
  leave(sloClass: SloClassName, placeMs: number): void;
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
  const { path, size, placesPercent } = options;
  const encode: StageCount = { jobs: 0, tokens: 0, speed: unknownSpeed };
  const prefill: StageCount = { jobs: 0, tokens: 0, speed: unknownSpeed };
  const takenBy: Record<SloClassName, number> = { interactive: 0, standard: 0, batch: 0 };
  /** Sequences in a step, and how long it takes. */
  let steps = unknownSpeed;
  let placeMs: number | undefined;
  /** As many as there were: while all instances are away their number says nothing of how many will come back. */
  let places: number | undefined;

  const placesNow = ({ whole, decode }: FleetSize): Places => {
    const { instances, capacity } = path === 'whole' ? whole : decode;
    if (capacity > 0) places = Math.ceil((capacity * placesPercent) / 100);
    const perSequence = placesPercent / 100;
    return {
      ...{ taken: takenOf(takenBy), takenBy: { ...takenBy }, count: places },
      decode: { instances, steps, perSequence },
    };
  };
  const learnJob = (count: StageCount, { tokens, timing }: StageTime): void => {
    if (timing === null) return;
    const worked = tokens - timing.cachedTokens;
    // Of a job that found its result in a cache there is nothing to learn.
    if (worked <= 0) return;
    const job = { tokens: worked, ms: timing.engineMs / Math.max(1, timing.batch) };
    count.speed = observeJob(count.speed, job);
  };
  /** The longest batch that a sequence was in stands for all its steps: that is on the hopeful side. */
  const learnSteps = ({ tokens, timing }: StageTime): void => {
    if (timing === null || tokens <= 0) return;
    steps = observeJob(steps, { tokens: timing.batch, ms: timing.engineMs / tokens });
  };

  return {
    counted: (demand) => ({
      ...demand,
      encodeTokens: countedTokens(encode.speed, demand.encodeJobs, demand.encodeTokens),
      prefillTokens: countedTokens(prefill.speed, 1, demand.prefillTokens),
    }),
    enter: (demand, sloClass) => {
      takenBy[sloClass] += 1;
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
    leave: (sloClass, ms) => {
      takenBy[sloClass] -= 1;
      placeMs = placeMs === undefined ? ms : placeMs + (ms - placeMs) * placeMsWeight;
    },
    learn: (stages) => {
      for (const time of stages) {
        if (time.stage === 'encode') learnJob(encode, time);
        if (time.stage === 'prefill' && path === 'staged') learnJob(prefill, time);
        if (time.stage === 'decode' && path === 'staged') learnSteps(time);
      }
    },
    view: () => {
      const now = size();
      return {
        encode: loadOf(now.encode, encode),
        prefill: loadOf(now.prefill, prefill),
        places: placesNow(now),
        placeMs,
      };
    },
  };
};

const loadOf = (size: StageSize, { jobs, tokens, speed }: StageCount): StageLoad => ({
  ...size,
  ...{ jobs, tokens, speed },
});

const takenOf = (by: TakenByClass): number => by.interactive + by.standard + by.batch;
