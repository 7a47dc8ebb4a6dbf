import { addDemand, type Demand } from './demand.ts';
import type { ClassPlaces, LoadView, StageLoad } from './fleet-room.ts';
import { countedTokens, expectedMs } from './stage-speed.ts';

/** When the first token is to be expected, in milliseconds from now: the wait of its turn, and its own work. */
export interface TtftPrediction {
  readonly waitMs: number;
  readonly ownMs: number;
}

/** How a turn comes: when all that is more urgent is done, or since the class is overdue. */
export const turnKinds = ['urgency', 'promotion'] as const;
export type TurnKind = (typeof turnKinds)[number];

/** A prediction by the queues, and as such waits turned out of late. */
export interface QueuePrediction extends TtftPrediction {
  readonly turn: TurnKind;
  /** The wait by the queues alone: what the next observation is held against. */
  readonly queuesMs: number;
}

/** What waits that were predicted by each kind of turn are to be multiplied by: see `ratioNow`. */
export type TurnRatios = Readonly<Record<TurnKind, number>>;
export const trusted: TurnRatios = { urgency: 1, promotion: 1 };

/** What a request would stand behind. */
export interface Line {
  /** What waits now and is more urgent, and what of its own class goes before it. */
  readonly urgent: Demand;
  readonly own: Demand;
  /** More urgent work that comes, per millisecond: it will go before, too. */
  readonly urgentPerMs: Demand;
  /** Its class's turns, whatever is more urgent; undefined for the most urgent class. */
  readonly promotion:
    | {
        /** Until the oldest of its class is overdue, and until this request would be. */
        readonly fromMs: number;
        readonly patienceMs: number;
        /** Every so manyth turn is its class's then. */
        readonly every: number;
      }
    | undefined;
  /** Part of all turns that go to less urgent classes, since they are overdue. */
  readonly promotedShare: number;
}

/**
 * Time to the first token by token counts, the present load and the rate at which more urgent work comes: at each of what
 * it needs (a place, an encoder, prefill) its turn comes when all before it is done, or when its class has been overdue for
 * so many turns, whichever is sooner; the slowest counts. Then comes its own work. Undefined while the speed of a stage
 * that it needs is unknown. A model of queues, not of hand-overs: `ratioNow` says by how much it is off.
 */
export const predictTtft = (
  demand: Demand,
  line: Line,
  load: LoadView,
  places: ClassPlaces,
  ratios: TurnRatios = trusted,
): QueuePrediction | undefined => {
  const { encode, prefill } = load;
  let longest = waitFor(line, placeTimes(places, load), ratios);
  let ownMs = 0;
  const needs = [
    ...(demand.encodeJobs === 0 ? [] : [{ stage: encode, of: encodeOf }]),
    ...(demand.prefillTokens === 0 ? [] : [{ stage: prefill, of: prefillOf }]),
  ];
  for (const { stage, of } of needs) {
    const { jobs, tokens } = of(demand);
    const workMs = expectedMs(stage.speed, jobs, countedTokens(stage.speed, jobs, tokens));
    if (workMs === undefined) return undefined;
    const wait = waitFor(line, stageTimes(stage, of), ratios);
    if (wait.waitMs > longest.waitMs) longest = wait;
    ownMs += workMs;
  }
  return { ...longest, ownMs };
};

/** One thing that requests wait for: how long work takes it, and how long it is taken by what is there. */
interface Times {
  readonly takenMs: number;
  msOf(demand: Demand): number;
}

interface Jobs {
  readonly jobs: number;
  readonly tokens: number;
}
const encodeOf = ({ encodeJobs, encodeTokens }: Demand): Jobs => ({
  jobs: encodeJobs,
  tokens: encodeTokens,
});
const prefillOf = ({ requests, prefillTokens }: Demand): Jobs => ({
  jobs: prefillTokens === 0 ? 0 : requests,
  tokens: prefillTokens,
});

const stageTimes = (
  { instances, jobs, tokens, speed }: StageLoad,
  of: (demand: Demand) => Jobs,
): Times => {
  const msOf = (one: Jobs): number =>
    (expectedMs(speed, one.jobs, one.tokens) ?? 0) / (instances > 0 ? instances : 1);
  return { takenMs: msOf({ jobs, tokens }), msOf: (demand) => msOf(of(demand)) };
};

/** Places come free one after the other, each after its mean time. */
const placeTimes = ({ taken, count }: ClassPlaces, { placeMs }: LoadView): Times => {
  if (count === undefined || count === 0 || placeMs === undefined) {
    return { takenMs: 0, msOf: () => 0 };
  }
  const eachMs = placeMs / count;
  return { takenMs: (1 + taken - count) * eachMs, msOf: ({ requests }) => requests * eachMs };
};

type Wait = Omit<QueuePrediction, 'ownMs'>;

const waitFor = (line: Line, times: Times, ratios: TurnRatios): Wait => {
  const wait = (turn: TurnKind, queuesMs: number): Wait => ({
    ...{ turn, queuesMs },
    waitMs: queuesMs * ratios[turn],
  });
  const beforeMs = times.takenMs + times.msOf(addDemand(line.urgent, line.own));
  if (beforeMs <= 0) return wait('urgency', 0);
  const left = 1 - times.msOf(line.urgentPerMs) - line.promotedShare;
  const byUrgency = wait('urgency', left > 0 ? beforeMs / left : Number.POSITIVE_INFINITY);
  const byPromotion = wait('promotion', promotionMs(line, times));
  return byPromotion.waitMs < byUrgency.waitMs ? byPromotion : byUrgency;
};

/** Turns are counted in requests: between two of its class's go `every - 1` others, as long as urgent ones are there. */
const promotionMs = ({ own, urgentPerMs, promotion }: Line, { takenMs, msOf }: Times): number => {
  if (promotion === undefined) return Number.POSITIVE_INFINITY;
  const { fromMs, patienceMs, every } = promotion;
  const arrives = urgentPerMs.requests === 0 ? own : urgentPerMs;
  const otherMs = arrives.requests === 0 ? 0 : msOf(arrives) / arrives.requests;
  const turnsMs = msOf(own) + own.requests * (every - 1) * otherMs;
  return Math.max(0, takenMs) + Math.max(patienceMs, fromMs + turnsMs);
};
