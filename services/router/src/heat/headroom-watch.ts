import { type InstanceId, instanceId } from '@isotherm/kernel';
import type { Registry, ThermalRecord } from '@isotherm/lanes';
import { agedHeadroom, type Headroom, type HeadroomAging } from '@isotherm/policy';
import type { WatchHeadroomResponse } from '@isotherm/proto';
import type { Peers } from '@isotherm/rpc';
import type { Logger } from '@isotherm/runtime';
import { keepStream, type LastingStream } from '../fleet/lasting-stream.ts';
import { headroomOfMessage } from './headroom-of-message.ts';

export interface HeadroomWatchOptions extends HeadroomAging {
  readonly routerId: string;
  readonly peers: Pick<Peers, 'thermal' | 'forget'>;
  /** A stream without a word for this long counts as broken, in milliseconds. */
  readonly silenceMs: number;
  /** Time that only rises, in milliseconds. */
  nowMs(): number;
}

/** What a router knows of heat: what a thermal service says, getting older when it says nothing more. */
export interface HeadroomWatch {
  /** Undefined where no thermal service has ever spoken of the instance. */
  of(id: InstanceId, nowMs: number): Headroom | undefined;
  status(): HeadroomStatus;
  close(): Promise<void>;
}

export interface HeadroomStatus {
  /** `none`: no thermal service was ever heard. `conservative`: what it said is too old to be believed. */
  readonly state: 'none' | 'fresh' | 'conservative';
  /** The service that is, or was last, listened to. */
  readonly thermalId: string;
  /** Its gRPC address, host:port. */
  readonly address: string;
  /** Time since it last spoke, in milliseconds; 0 for `none`. */
  readonly ageMs: number;
}

interface Told {
  readonly headroom: Headroom;
  readonly atMs: number;
}

/** Most instances remembered: more than any router has. */
const instancesMax = 65_536;

/**
 * Listens to the thermal service of the registry, the oldest one if there are several, for as long as it lives; then to
 * the next. What was said stays, and ages.
 */
export const watchHeadroom = async (
  registry: Registry<ThermalRecord>,
  options: HeadroomWatchOptions,
  logger: Logger,
): Promise<HeadroomWatch> => {
  const told = new Map<InstanceId, Told>();
  const heard = { thermalId: '', address: '', atMs: -Infinity };
  let link: (LastingStream & { readonly record: ThermalRecord }) | undefined;

  const hear = (record: ThermalRecord, message: WatchHeadroomResponse): void => {
    const atMs = options.nowMs();
    if (heard.thermalId !== record.id) logger.info({ thermal: record.id }, 'headroom is known');
    Object.assign(heard, { thermalId: record.id, address: record.address, atMs });
    // A whole list that leaves somebody out is a thermal service that has just begun, or lost the room: what it said
    // before still ages. Who is gone is named.
    for (const id of message.removed) told.delete(instanceId(id));
    for (const each of message.instances) {
      if (told.size >= instancesMax && !told.has(instanceId(each.instanceId))) continue;
      told.set(instanceId(each.instanceId), { headroom: headroomOfMessage(each), atMs });
    }
    if (message.whole) return;
    // What did not change was said again by being left out.
    for (const [id, { headroom, atMs: saidMs }] of told) {
      if (atMs - saidMs <= options.headroomFreshMs) told.set(id, { headroom, atMs });
    }
  };

  const follow = (records: readonly ThermalRecord[]): void => {
    const living = records.filter(({ state }) => state === 'serving');
    const wanted = living.toSorted((a, b) => a.startedMs - b.startedMs)[0];
    if (wanted?.id === link?.record.id) return;
    link?.close();
    link = undefined;
    if (wanted === undefined) return;
    const open = openThermalLink(wanted, options, (message) => hear(wanted, message));
    link = { ...open, record: wanted };
  };
  const watch = await registry.watch(follow);

  return {
    of: (id, nowMs) => {
      const last = told.get(id);
      return last && agedHeadroom(last.headroom, nowMs - last.atMs, options);
    },
    status: () => {
      const { thermalId, address } = heard;
      if (thermalId === '') return { state: 'none', thermalId, address, ageMs: 0 };
      const ageMs = options.nowMs() - heard.atMs;
      const state = ageMs <= options.headroomFreshMs ? 'fresh' : 'conservative';
      return { state, thermalId, address, ageMs };
    },
    close: async () => {
      await watch.close();
      link?.close();
      link = undefined;
    },
  };
};

/** One stream to one thermal service. */
const openThermalLink = (
  { address }: ThermalRecord,
  { peers, routerId, silenceMs }: HeadroomWatchOptions,
  heard: (message: WatchHeadroomResponse) => void,
): LastingStream =>
  keepStream({
    open: () => peers.thermal(address).watchHeadroom({ watcher: routerId }),
    silenceMs,
    forget: () => peers.forget(address),
    heard,
  });
