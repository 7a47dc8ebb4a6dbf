import type { Stage } from '@isotherm/kernel';
import type { InstanceId } from '@isotherm/kernel';
import type { InstanceRecord } from '@isotherm/lanes';
import {
  agedTokens,
  breakerAdmits,
  type BreakerSettings,
  type BreakerState,
  closedBreaker,
  type Headroom,
  type InstanceView,
  type LoadAging,
  nextBreaker,
} from '@isotherm/policy';
import type { CacheStatus } from '@isotherm/proto';
import type { Logger } from '@isotherm/runtime';
import { createHeldKeys, type HeldKeys } from './held-keys.ts';
import { type LinkOptions, openLink } from './instance-link.ts';
import type { LastingStream } from './lasting-stream.ts';
import type { StageEvent } from './stage-event.ts';

/** One instance in the fleet: its record, its event stream, and what is booked on it. */
export interface Member {
  record: InstanceRecord;
  readonly link: LastingStream;
  /** Whether its event stream is open. */
  open: boolean;
  bookedTokens: number;
  bookings: number;
  /** Tokens that it last reported as pending, of all routers, and when it did. */
  reportedTokens: number;
  reportedAtMs: number;
  /** Bookings of which nothing has come yet, the oldest first. */
  readonly waiting: Set<{ readonly startedMs: number }>;
  breaker: BreakerState;
  /** Stages of other instances in its process. */
  sharesWith: ReadonlySet<Stage>;
  /** KV memory that it last reported, in bytes. */
  kv: { readonly bytes: number; readonly bytesMax: number };
  /** What it holds in its cache, and how it last said that the cache does. */
  readonly held: HeldKeys;
  cache: CacheStatus | null;
}

export interface MemberOptions extends LinkOptions {
  /** Most keys of its cache that are remembered. */
  readonly cacheKeysMax: number;
  readonly breaker: BreakerSettings;
  readonly loadAging: LoadAging;
  /** What limits leave an instance now; undefined where nobody has ever said. */
  headroomOf(id: InstanceId, nowMs: number): Headroom | undefined;
  /** Time that only rises, in milliseconds. */
  nowMs(): number;
}

export interface MemberListener {
  opened(): void;
  heard(event: StageEvent): void;
  lost(reason: string): void;
}

export const createMember = (
  record: InstanceRecord,
  options: MemberOptions,
  listener: MemberListener,
  logger: Logger,
): Member => {
  const link = openLink(record, options, {
    opened: () => {
      member.open = true;
      const { breaker, nowMs } = options;
      member.breaker = nextBreaker(member.breaker, { kind: 'returned' }, nowMs(), breaker);
      logger.info({ instance: record.id, stage: record.stage }, 'instance ready');
      listener.opened();
    },
    heard: (event) => {
      if (event.kind === 'load') {
        const { pendingTokens, kvBytes, kvBytesMax, cache } = event.value;
        member.reportedTokens = pendingTokens;
        member.reportedAtMs = options.nowMs();
        member.kv = { bytes: kvBytes, bytesMax: kvBytesMax };
        member.cache = cache;
      } else if (event.kind === 'cache') member.held.apply(event.value);
      else listener.heard(event);
    },
    broke: (reason) => {
      member.open = false;
      member.reportedTokens = 0;
      member.held.clear();
      member.cache = null;
      member.kv = { bytes: 0, bytesMax: 0 };
      logger.warn({ instance: record.id, reason }, 'event stream broke');
      listener.lost(reason);
    },
  });
  const member: Member = {
    record,
    link,
    open: false,
    bookedTokens: 0,
    bookings: 0,
    reportedTokens: 0,
    reportedAtMs: 0,
    waiting: new Set(),
    sharesWith: new Set(),
    breaker: closedBreaker,
    held: createHeldKeys(options.cacheKeysMax),
    cache: null,
    kv: { bytes: 0, bytesMax: 0 },
  };
  return member;
};

/** What policies see of it. */
export const viewOf = (
  member: Member,
  nowMs: number,
  { breaker, loadAging, headroomOf }: Pick<MemberOptions, 'breaker' | 'loadAging' | 'headroomOf'>,
): InstanceView => {
  const { record, kv } = member;
  // One literal, always of the same fields: objects put together of parts are several times slower to make and to read,
  // and a decision reads those of the whole fleet.
  return {
    id: record.id,
    stage: record.stage,
    model: record.model,
    takes: record.takes ?? 'tensors',
    capacity: record.capacity,
    contextMax: record.contextMax,
    ready: member.open && record.state === 'serving',
    tripped: !breakerAdmits(member.breaker, nowMs, breaker),
    queueAgeMs: oldestWaitMs(member, nowMs),
    bookedTokens: member.bookedTokens,
    reportedTokens: agedTokens(member.reportedTokens, nowMs - member.reportedAtMs, loadAging),
    headroom: headroomOf(record.id, nowMs),
    processId: record.processId ?? '',
    sharesWith: member.sharesWith,
    cacheKeys: member.held.keys,
    kvBytes: kv.bytes,
    kvBytesMax: kv.bytesMax,
  };
};

/** How long the oldest work waits of which nothing has come yet, in milliseconds; 0 where none does. */
const oldestWaitMs = ({ waiting }: Member, nowMs: number): number => {
  for (const { startedMs } of waiting) return nowMs - startedMs;
  return 0;
};
