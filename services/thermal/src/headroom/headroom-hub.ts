import { Fault } from '@isotherm/kernel';
import type { HorizonHeadroom, InstanceHeadroom } from './instance-headroom.ts';

/** What a watcher is told at once. */
export interface HeadroomMessage {
  readonly whole: boolean;
  readonly instances: readonly InstanceHeadroom[];
  readonly removed: readonly string[];
  /** Unix time of what it was worked out from, in milliseconds. */
  readonly atMs: number;
}

/** Tells a watcher; `false`: it is slow, and `ready` is called when it can take more. */
export type TellWatcher = (message: HeadroomMessage, ready: () => void) => boolean;

export interface WatchedHub {
  /** Takes the newest headroom; watchers hear what changed for them. */
  publish(headroom: readonly InstanceHeadroom[], atMs: number): void;
  /** Throws a Fault `saturated` when there are too many. Gives what ends it. */
  watch(tell: TellWatcher, intervalMs: number): () => void;
  readonly watchers: number;
}

interface Watcher {
  readonly tell: TellWatcher;
  readonly intervalMs: number;
  readonly told: Map<string, InstanceHeadroom>;
  wholeMs: number;
  saidMs: number;
  busy: boolean;
}

export interface HubOptions {
  readonly watchersMax: number;
  readonly wholeMs: number;
}

/**
 * Who watches headroom. Of each watcher only what it was last told is kept; one that is slow hears nothing until it can, and
 * then the newest, so that no queue grows.
 */
export const createHeadroomHub = (options: HubOptions): WatchedHub => {
  const watchers = new Set<Watcher>();
  let newest: readonly InstanceHeadroom[] = [];
  let newestMs = 0;

  const tell = (watcher: Watcher): void => {
    // However far: a clock that jumps back must not make them wait for it to come around.
    const sinceMs = Math.abs(newestMs - watcher.saidMs);
    if (watcher.busy || newestMs === 0 || sinceMs < watcher.intervalMs) return;
    const whole = Math.abs(newestMs - watcher.wholeMs) >= options.wholeMs;
    const message = messageFor(watcher, newest, newestMs, whole);
    // Silence would look like a dead service, so an empty message says that nothing changed.
    watcher.saidMs = newestMs;
    if (whole) watcher.wholeMs = newestMs;
    watcher.busy = !watcher.tell(message, () => {
      watcher.busy = false;
      tell(watcher);
    });
  };

  return {
    publish: (headroom, atMs) => {
      newest = headroom;
      newestMs = atMs;
      for (const watcher of watchers) tell(watcher);
    },
    watch: (say, intervalMs) => {
      if (watchers.size >= options.watchersMax) {
        throw new Fault('saturated', `At most ${options.watchersMax} may watch at once.`);
      }
      const times = { wholeMs: -Infinity, saidMs: -Infinity };
      const watcher: Watcher = { tell: say, intervalMs, told: new Map(), ...times, busy: false };
      watchers.add(watcher);
      tell(watcher);
      return () => watchers.delete(watcher);
    },
    get watchers() {
      return watchers.size;
    },
  };
};

const messageFor = (
  { told }: Watcher,
  newest: readonly InstanceHeadroom[],
  atMs: number,
  whole: boolean,
): HeadroomMessage => {
  const living = new Set(newest.map(({ instanceId }) => instanceId));
  const removed = [...told.keys()].filter((id) => !living.has(id));
  for (const id of removed) told.delete(id);
  const instances = newest.filter((each) => {
    const before = told.get(each.instanceId);
    return whole || before === undefined || differs(before, each);
  });
  for (const each of instances) told.set(each.instanceId, each);
  return { whole, instances, removed: whole ? [] : removed, atMs };
};

/** What is less is noise of sensors. */
const noise = { share: 0.005, powerW: 20, temperatureK: 0.2 };

const differs = (one: InstanceHeadroom, other: InstanceHeadroom): boolean =>
  one.conservative !== other.conservative ||
  one.place !== other.place ||
  one.binding.id !== other.binding.id ||
  one.binding.level !== other.binding.level ||
  Math.abs(one.powerShare - other.powerShare) > noise.share ||
  Math.abs(one.coreShare - other.coreShare) > noise.share ||
  Math.abs(one.memoryShare - other.memoryShare) > noise.share ||
  Math.abs(one.clockShare - other.clockShare) > noise.share ||
  one.horizons.length !== other.horizons.length ||
  one.horizons.some((horizon, at) => horizonDiffers(horizon, other.horizons[at]));

const horizonDiffers = (one: HorizonHeadroom, other: HorizonHeadroom | undefined): boolean =>
  other === undefined ||
  Math.abs(one.powerW - other.powerW) > noise.powerW ||
  Math.abs(one.coreK - other.coreK) > noise.temperatureK ||
  Math.abs(one.memoryK - other.memoryK) > noise.temperatureK;
