import { type DecodeView, tokenLimits, type TakenByClass } from './decode-places.ts';
import type { Demand } from './demand.ts';
import type { SloClasses, SloClassName } from './slo-class.ts';
import { expectedMs, type StageSpeed } from './stage-speed.ts';

/** One stage of one model, before its first token: what runs and waits there, and how fast it is. */
export interface StageLoad {
  /** Instances that take work; of a fleet that several routers fill, the part that is this one's. */
  readonly instances: number;
  /** Jobs that they run at once, all together. */
  readonly capacity: number;
  /** Jobs and tokens sent there, or admitted and on their way, and not done. */
  readonly jobs: number;
  readonly tokens: number;
  readonly speed: StageSpeed;
}

/** The places in which requests are answered: decode slots, or what servers take at once. */
export interface Places {
  readonly taken: number;
  readonly takenBy: TakenByClass;
  /** How many there are to be taken; undefined where nothing is known of it. */
  readonly count: number | undefined;
  readonly decode: DecodeView;
}

/** The places that one class may use, all bounds considered. */
export interface ClassPlaces {
  readonly taken: number;
  readonly count: number | undefined;
}

/** What is known of the way to the first token. */
export interface LoadView {
  readonly encode: StageLoad;
  readonly prefill: StageLoad;
  readonly places: Places;
  /** Mean time that a request keeps its place, in milliseconds; undefined while unknown. */
  readonly placeMs: number | undefined;
}

/** While the speed of a stage is unknown it gets so many jobs for each that it runs at once. */
const jobsPerCapacityUnknown = 4;

/** Time that the work at a stage takes from now, in milliseconds; undefined while its speed is unknown. */
export const backlogMsOf = (
  { instances, jobs, tokens, speed }: StageLoad,
  ahead: { readonly jobs: number; readonly tokens: number } = { jobs: 0, tokens: 0 },
): number | undefined => {
  const ms = expectedMs(speed, jobs + ahead.jobs, tokens + ahead.tokens);
  return ms === undefined ? undefined : ms / (instances > 0 ? instances : 1);
};

/**
 * Whether a stage may be sent one more job: while some of what it runs at once is idle, and beyond that while its backlog
 * is short. What waits longer than that waits in front of the fleet, where it can still be overtaken.
 */
export const stageHasRoom = (load: StageLoad, backlogMsMax: number): boolean => {
  // Without an instance it is for the path of the request to wait a bounded time for one.
  if (load.instances === 0 || load.jobs < load.capacity) return true;
  const backlogMs = backlogMsOf(load);
  if (backlogMs === undefined) return load.jobs < load.capacity * jobsPerCapacityUnknown;
  return backlogMs < backlogMsMax;
};

/**
 * The tightest of what bounds a class: its share of all places, but at least one, and what promises of time a token leave
 * (see `tokenLimits`).
 */
export const placesOf = (
  sloClass: SloClassName,
  classes: SloClasses,
  { taken, takenBy, count, decode }: Places,
): ClassPlaces => {
  const share = classes[sloClass].placesShareMax;
  const shared = count === undefined ? undefined : Math.max(1, Math.ceil(count * share));
  const [first, ...rest] = [
    ...(shared === undefined ? [] : [{ taken, count: shared }]),
    ...tokenLimits(sloClass, classes, takenBy, decode),
  ];
  if (first === undefined) return { taken, count: undefined };
  return rest.reduce(
    (tightest, one) => (one.count - one.taken < tightest.count - tightest.taken ? one : tightest),
    first,
  );
};

export const hasPlace = ({ taken, count }: ClassPlaces): boolean =>
  count === undefined || taken < count;

/** Whether the fleet may be sent one more request: a place for it, and room at each stage before its first token. */
export const fleetHasRoom = (
  { encode, prefill }: Pick<LoadView, 'encode' | 'prefill'>,
  places: ClassPlaces,
  demand: Pick<Demand, 'encodeJobs' | 'prefillTokens'>,
  backlogMsMax: number,
): boolean =>
  hasPlace(places) &&
  (demand.prefillTokens === 0 || stageHasRoom(prefill, backlogMsMax)) &&
  (demand.encodeJobs === 0 || stageHasRoom(encode, backlogMsMax));
