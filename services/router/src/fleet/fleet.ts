import type { InstanceId } from '@isotherm/kernel';
import { type Fabric, type InstanceRecord, laneName } from '@isotherm/lanes';
import type { BreakerState, InstanceView } from '@isotherm/policy';
import type { Logger } from '@isotherm/runtime';
import type { CacheStatus } from '@isotherm/proto';
import { type Booking, createBooking } from './booking.ts';
import { othersOf, sharedProcesses } from './shared-process.ts';
import { createMember, type Member, type MemberOptions, viewOf } from './member.ts';
import type { StageEvent } from './stage-event.ts';

/** All instances that this router knows, their event streams, and what it has booked on them. */
export interface Fleet {
  views(): readonly InstanceView[];
  /** Rises when an instance came, left, or may have begun or ceased to take work. */
  readonly revision: number;
  record(id: InstanceId): InstanceRecord | undefined;
  /** Counts tokens against an instance until the booking is released. */
  book(id: InstanceId, tokens: number): Booking;
  /** Resolves at the next change that could make an instance ready, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
  readonly bookings: number;
  bookingsOf(id: InstanceId): number;
  /** State of an instance's circuit breaker. */
  breakerOf(id: InstanceId): BreakerState['kind'];
  /** An instance's cache as it last reported it. */
  cacheOf(id: InstanceId): (CacheStatus & { readonly keysKnown: number }) | null;
  /** Counts on an instance that has a cache to hold a key soon. */
  expectKey(id: InstanceId, key: string): void;
  /** Drops a key that an instance turned out not to hold. */
  forgetKey(id: InstanceId, key: string): void;
  /** Tokens of the blocks in which the prefill instances of a model keep prompts; 0 when they keep none. */
  blockTokens(model: string): number;
  close(): Promise<void>;
}

export interface FleetListener {
  heard(id: InstanceId, event: StageEvent): void;
  /** All work of this router at the instance is lost. */
  lost(id: InstanceId, reason: string): void;
}

export const createFleet = async (
  fabric: Fabric,
  options: MemberOptions,
  listener: FleetListener,
  logger: Logger,
): Promise<Fleet> => {
  const members = new Map<InstanceId, Member>();
  const bell = createBell();
  let bookings = 0;
  let revision = 0;

  const join = (record: InstanceRecord): void => {
    const { id } = record;
    const heard = (event: StageEvent): void => listener.heard(id, event);
    const opened = (): void => {
      revision += 1;
      bell.ring();
    };
    const lost = (reason: string): void => {
      revision += 1;
      listener.lost(id, reason);
    };
    members.set(id, createMember(record, options, { opened, heard, lost }, logger));
  };

  const leave = (id: InstanceId, member: Member): void => {
    members.delete(id);
    member.link.close();
    logger.info({ instance: id }, 'instance left');
    listener.lost(id, 'left the registry');
    // Another one may have come to its address meanwhile.
    const { address } = member.record;
    const others = [...members.values()].some(({ record }) => record.address === address);
    if (!others) options.peers.forget(address);
    // Its lane has no consumer any more. Every router does this; doing it twice is harmless.
    void fabric.lanes.obliterate(laneName(member.record.stage, id)).catch(() => undefined);
  };

  const watch = await fabric.registry.watch((records) => {
    const living = new Map(records.map((record) => [record.id, record]));
    for (const [id, member] of members) if (!living.has(id)) leave(id, member);
    for (const record of records) {
      const member = members.get(record.id);
      if (member === undefined) join(record);
      else member.record = record;
    }
    // Follows the records, which change seldom; views are asked for several times a request.
    const shared = sharedProcesses(members.values());
    for (const member of members.values()) member.sharesWith = othersOf(member.record, shared);
    revision += 1;
    bell.ring();
  });

  const book = (id: InstanceId, tokens: number): Booking =>
    createBooking(tokens, {
      ...{ member: members.get(id), options },
      count: (sign) => (bookings += sign),
    });

  return {
    views: () => {
      const nowMs = options.nowMs();
      return Array.from(members.values(), (member) => viewOf(member, nowMs, options));
    },
    get revision() {
      return revision;
    },
    record: (id) => members.get(id)?.record,
    book,
    changed: (signal) => bell.next(signal),
    get bookings() {
      return bookings;
    },
    bookingsOf: (id) => members.get(id)?.bookings ?? 0,
    breakerOf: (id) => members.get(id)?.breaker.kind ?? 'closed',
    cacheOf: (id) => {
      const member = members.get(id);
      if (member === undefined || member.cache === null) return null;
      return { ...member.cache, keysKnown: member.held.keys.size };
    },
    expectKey: (id, key) => {
      const member = members.get(id);
      if (member?.cache !== null) member?.held.expect(key);
    },
    forgetKey: (id, key) => members.get(id)?.held.forget(key),
    blockTokens: (model) =>
      [...members.values()].find(
        ({ record, held }) => record.model === model && held.blockTokens > 0,
      )?.held.blockTokens ?? 0,
    close: async () => {
      await watch.close();
      for (const member of members.values()) member.link.close();
      members.clear();
      bell.ring();
    },
  };
};

/** Wakes everyone who waits for the next change. */
const createBell = (): { ring: () => void; next: (signal: AbortSignal) => Promise<void> } => {
  const waiters = new Set<() => void>();
  return {
    ring: () => {
      for (const wake of waiters) wake();
    },
    next: (signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          waiters.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        signal.addEventListener('abort', wake, { once: true });
        waiters.add(wake);
      }),
  };
};
