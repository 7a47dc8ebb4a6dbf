import type { InstanceRecord } from '@isotherm/lanes';
import type { InstanceView } from '@isotherm/policy';
import type { Logger } from '@isotherm/runtime';
import { type InstanceLink, type LinkOptions, openLink } from './instance-link.ts';
import type { StageEvent } from './stage-event.ts';

/** One instance in the fleet: its record, its event stream, and what is booked on it. */
export interface Member {
  record: InstanceRecord;
  readonly link: InstanceLink;
  /** Whether its event stream is open. */
  open: boolean;
  bookedTokens: number;
  bookings: number;
  /** Tokens that it last reported as pending, of all routers. */
  reportedTokens: number;
}

export interface MemberListener {
  opened(): void;
  heard(event: StageEvent): void;
  lost(reason: string): void;
}

export const createMember = (
  record: InstanceRecord,
  options: LinkOptions,
  listener: MemberListener,
  logger: Logger,
): Member => {
  const link = openLink(record, options, {
    opened: () => {
      member.open = true;
      logger.info({ instance: record.id, stage: record.stage }, 'instance ready');
      listener.opened();
    },
    heard: (event) => {
      if (event.kind === 'load') member.reportedTokens = event.value.pendingTokens;
      else listener.heard(event);
    },
    broke: (reason) => {
      member.open = false;
      member.reportedTokens = 0;
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
  };
  return member;
};

/** What policies see of it. */
export const viewOf = (member: Member): InstanceView => {
  const { id, stage, model, capacity, contextMax, state } = member.record;
  const takes = member.record.takes ?? 'tensors';
  const { bookedTokens, reportedTokens } = member;
  const ready = member.open && state === 'serving';
  return { id, stage, model, takes, capacity, contextMax, ready, bookedTokens, reportedTokens };
};
