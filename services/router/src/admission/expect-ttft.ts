import {
  type ArrivalRate,
  addDemand,
  defaultChoiceOptions,
  type Demand,
  demandAhead,
  demandPerMs,
  kindOfWork,
  type Line,
  type LoadView,
  noArrivals,
  noDemand,
  noRatios,
  observeArrival,
  type ObservedRatios,
  observeRatio,
  placesOf,
  predictTtft,
  ratioNow,
  ratioOf,
  type SloClasses,
  type SloClassName,
  sloClassNames,
  type QueuePrediction,
  type TurnKind,
} from '@isotherm/policy';
import type { WaitingRequest, WaitingRoom } from './waiting-room.ts';

/** What is expected of a request: as the queues say, and as that turned out for others of late. */
export interface Expectation extends QueuePrediction {
  /** Its own work by the speed of the stages alone. */
  readonly enginesMs: number;
}

/** Predicts when a request's turn and its first token come, and learns from when they came. */
export interface TtftBook {
  /** Undefined while the speed of a stage that it needs is unknown. */
  expect(request: WaitingRequest, load: LoadView): Expectation | undefined;
  /** It asks for a part of the fleet, and takes it whenever there is some. */
  asked(sloClass: SloClassName, demand: Demand): void;
  /** It has waited for its turn for so long, or given up after that. */
  waited(request: WaitingRequest, observedMs: number): void;
  /** Its first token came so long after it was let in. */
  served(demand: Demand, expected: Expectation | undefined, observedMs: number): void;
}

/** A wait is expected to be over for so many of those like it: who would rather not have waited is not let in to wait. */
const waitsPart = 0.8;
/** Own work is taken at its median: a request that is told that its deadline cannot be met has to believe it. */
const servesPart = 0.5;

export interface TtftBookOptions {
  readonly classes: SloClasses;
  readonly room: Pick<WaitingRoom<WaitingRequest>, 'ahead' | 'oldest'>;
  nowMs(): number;
}

export const createTtftBook = ({ classes, room, nowMs }: TtftBookOptions): TtftBook => {
  const rates = classesOf<ArrivalRate>(noArrivals);
  /** By class and kind of turn: what promotion guarantees stays right where urgency was misjudged. */
  const waits = classesOf<Readonly<Record<TurnKind, ObservedRatios>>>({
    urgency: noRatios,
    promotion: noRatios,
  });
  /** By kind of work: two dozen at most. */
  const serves = new Map<string, ObservedRatios>();

  const lineOf = (request: WaitingRequest, atMs: number): Line => {
    const { sloClass, demand, weight } = request;
    const rank = sloClassNames.indexOf(sloClass);
    const urgent = sloClassNames.slice(0, rank);
    const lessUrgent = sloClassNames.slice(rank + 1);
    const { moreUrgent, ...ahead } = room.ahead(request);
    const { promotedEvery: every } = defaultChoiceOptions;
    const patienceMs = classes[sloClass].promoteMs;
    const oldest = room.oldest(sloClass);
    const fromMs = oldest === undefined ? patienceMs : Math.max(0, oldest.patientUntilMs - atMs);
    const overdue = lessUrgent.some((name) => (room.oldest(name)?.patientUntilMs ?? atMs) < atMs);
    return {
      urgent: moreUrgent,
      own: demandAhead(demand.cost, weight, ahead),
      urgentPerMs: urgent
        .map((name) => demandPerMs(rates[name], atMs))
        .reduce((sum, rate) => addDemand(sum, rate), noDemand),
      promotion: rank === 0 ? undefined : { fromMs, patienceMs, every },
      promotedShare: overdue ? 1 / every : 0,
    };
  };
  /** Where nobody of its class is before it, it tries what nobody can tell: or what was once too slow would stay so. */
  const waitRatio = (sloClass: SloClassName, turn: TurnKind, own: Demand, atMs: number): number => {
    const seen = ratioNow(waits[sloClass][turn], atMs, waitsPart);
    if (own.requests === 0) return Math.min(1, seen);
    const oldest = room.oldest(sloClass);
    if (oldest?.expected?.turn !== turn) return seen;
    return Math.max(seen, ratioOf(atMs - oldest.arrivedMs, oldest.expected.queuesMs));
  };
  const served = (kind: string): ObservedRatios => serves.get(kind) ?? noRatios;

  return {
    expect: (request, load) => {
      const { demand, sloClass } = request;
      const atMs = nowMs();
      const line = lineOf(request, atMs);
      const places = placesOf(sloClass, classes, load.places);
      const ratios = {
        urgency: waitRatio(sloClass, 'urgency', line.own, atMs),
        promotion: waitRatio(sloClass, 'promotion', line.own, atMs),
      };
      const predicted = predictTtft(demand, line, load, places, ratios);
      if (predicted === undefined) return undefined;
      const enginesMs = predicted.ownMs;
      const ownMs = enginesMs * ratioNow(served(kindOfWork(demand)), atMs, servesPart);
      return { ...predicted, ownMs, enginesMs };
    },
    asked: (sloClass, demand) => {
      rates[sloClass] = observeArrival(rates[sloClass], demand, nowMs());
    },
    waited: ({ sloClass, expected }, observedMs) => {
      if (expected === undefined) return;
      const { turn, queuesMs: expectedMs } = expected;
      const seen = observeRatio(waits[sloClass][turn], { observedMs, expectedMs }, nowMs());
      waits[sloClass] = { ...waits[sloClass], [turn]: seen };
    },
    served: (demand, expected, observedMs) => {
      if (expected === undefined) return;
      const kind = kindOfWork(demand);
      const seen = { observedMs, expectedMs: expected.enginesMs };
      serves.set(kind, observeRatio(served(kind), seen, nowMs()));
    },
  };
};

const classesOf = <Value>(value: Value): Record<SloClassName, Value> => ({
  interactive: value,
  standard: value,
  batch: value,
});
