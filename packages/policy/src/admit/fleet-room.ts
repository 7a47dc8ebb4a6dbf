import type { Demand } from './demand.ts';
import { expectedMs, type StageSpeed } from './stage-speed.ts';

/** One stage of one model, before its first token: what runs and waits there, and how fast it is. */
export interface StageLoad {
  /** Instances that take work. */
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
  /** How many there are to be taken; undefined where nothing is known of it. */
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
  return ms === undefined ? undefined : ms / Math.max(1, instances);
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

/** Whether a class may take one more place: of a share of them, but at least one. */
export const hasPlace = ({ taken, count }: Places, share: number): boolean =>
  count === undefined || taken < Math.max(1, Math.ceil(count * share));

/** Whether the fleet may be sent one more request: a place for it, and room at each stage before its first token. */
export const fleetHasRoom = (
  { encode, prefill, places }: LoadView,
  demand: Pick<Demand, 'encodeJobs' | 'prefillTokens'>,
  placesShareMax: number,
  backlogMsMax: number,
): boolean =>
  hasPlace(places, placesShareMax) &&
  (demand.prefillTokens === 0 || stageHasRoom(prefill, backlogMsMax)) &&
  (demand.encodeJobs === 0 || stageHasRoom(encode, backlogMsMax));
