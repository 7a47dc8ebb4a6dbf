import type { InstanceId } from '@isotherm/kernel';
import { type Fabric, type InstanceRecord, laneName, type RegistryWatch } from '@isotherm/lanes';
import type { InstanceView } from '@isotherm/policy';
import type { Logger } from '@isotherm/runtime';
import { type InstanceLink, type LinkOptions, openLink } from './instance-link.ts';
import type { StageEvent } from './stage-event.ts';

/** Tokens held for one job on one instance; released exactly once however the job ends. */
export interface Booking {
  release(): void;
}

/** All instances that this router knows, their event streams, and what it has booked on them. */
export interface Fleet {
  views(): readonly InstanceView[];
  record(id: InstanceId): InstanceRecord | undefined;
  /** Counts tokens against an instance until the booking is released. */
  book(id: InstanceId, tokens: number): Booking;
  /** Resolves at the next change that could make an instance ready, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
  readonly bookings: number;
  bookingsOf(id: InstanceId): number;
  close(): Promise<void>;
}

export interface FleetListener {
  heard(id: InstanceId, event: StageEvent): void;
  /** All work of this router at the instance is lost. */
  lost(id: InstanceId, reason: string): void;
}

interface Member {
  record: InstanceRecord;
  readonly link: InstanceLink;
  open: boolean;
  bookedTokens: number;
  bookings: number;
  reportedTokens: number;
}

export const createFleet = async (
  fabric: Fabric,
  options: LinkOptions,
  listener: FleetListener,
  logger: Logger,
): Promise<Fleet> => {
  const members = new Map<InstanceId, Member>();
  let waiters: (() => void)[] = [];
  let bookings = 0;

  const wake = (): void => {
    const woken = waiters;
    waiters = [];
    for (const waiter of woken) waiter();
  };

  const join = (record: InstanceRecord): void => {
    const link = openLink(record, options, {
      opened: () => {
        member.open = true;
        logger.info({ instance: record.id, stage: record.stage }, 'instance ready');
        wake();
      },
      heard: (event) => {
        if (event.kind === 'load') member.reportedTokens = event.value.pendingTokens;
        else listener.heard(record.id, event);
      },
      broke: (reason) => {
        member.open = false;
        member.reportedTokens = 0;
        logger.warn({ instance: record.id, reason }, 'event stream broke');
        listener.lost(record.id, reason);
      },
    });
    const member: Member = {
      record,
      link,
      open: false,
      bookedTokens: 0,
      bookings: 0,
      reportedTokens: 0,
    };
    members.set(record.id, member);
  };

  const leave = (id: InstanceId, member: Member): void => {
    members.delete(id);
    member.link.close();
    logger.info({ instance: id }, 'instance left');
    listener.lost(id, 'left the registry');
    options.peers.forget(member.record.address);
    // Its lane has no consumer any more. Every router does this; doing it twice is harmless.
    void fabric.lanes.obliterate(laneName(member.record.stage, id)).catch(() => undefined);
  };

  const update = (records: readonly InstanceRecord[]): void => {
    const living = new Map(records.map((record) => [record.id, record]));
    for (const [id, member] of members) if (!living.has(id)) leave(id, member);
    for (const record of records) {
      const member = members.get(record.id);
      if (member === undefined) join(record);
      else member.record = record;
    }
    wake();
  };
  const watch: RegistryWatch = await fabric.registry.watch(update);

  return {
    views: () =>
      [...members.values()].map((member) => ({
        id: member.record.id,
        stage: member.record.stage,
        model: member.record.model,
        ready: member.open && member.record.state === 'serving',
        capacity: member.record.capacity,
        contextMax: member.record.contextMax,
        bookedTokens: member.bookedTokens,
        reportedTokens: member.reportedTokens,
      })),
    record: (id) => members.get(id)?.record,
    book: (id, tokens) => {
      const member = members.get(id);
      let held = true;
      bookings += 1;
      if (member !== undefined) {
        member.bookedTokens += tokens;
        member.bookings += 1;
      }
      return {
        release: () => {
          if (!held) return;
          held = false;
          bookings -= 1;
          if (member === undefined) return;
          member.bookedTokens -= tokens;
          member.bookings -= 1;
        },
      };
    },
    changed: (signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          signal.removeEventListener('abort', done);
          resolve();
        };
        signal.addEventListener('abort', done, { once: true });
        waiters.push(done);
      }),
    get bookings() {
      return bookings;
    },
    bookingsOf: (id) => members.get(id)?.bookings ?? 0,
    close: async () => {
      await watch.close();
      for (const member of members.values()) member.link.close();
      members.clear();
      wake();
    },
  };
};
