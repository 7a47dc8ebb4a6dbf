import { Fault } from '@isotherm/kernel';
import { refusalCodes, type RefusalReason, type SloClassName } from '@isotherm/policy';

/** What a refused client is told, beside the code and when to come again. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly retryAfterMs: number;
  readonly tenant: string;
  readonly sloClass: SloClassName;
  /** Time to the first token that was to be expected, in milliseconds. */
  readonly predictedMs?: number;
}

export const refusalFault = (refusal: Refusal): Fault => {
  const { reason, retryAfterMs } = refusal;
  return new Fault(refusalCodes[reason], messageOf(refusal), { retryAfterMs });
};

const messageOf = ({ reason, tenant, sloClass, predictedMs }: Refusal): string => {
  const expected =
    predictedMs === undefined ? '' : ` The first token is expected in ${seconds(predictedMs)} s.`;
  switch (reason) {
    case 'tenant_rate':
      return `The tenant "${tenant}" has used up its tokens for now.`;
    case 'tenant_waiting':
      return `The tenant "${tenant}" has as many requests waiting as it may have.`;
    case 'queue_count':
      return `No more ${sloClass} requests of the tenant "${tenant}" can wait now.${expected}`;
    case 'queue_bytes':
      return `The requests that wait take as much memory as they may.${expected}`;
    case 'ttft_target':
      return `The wait is longer than ${sloClass} requests are promised.${expected}`;
    case 'deadline':
      return `The deadline would pass before the first token.${expected}`;
    case 'never_in_time':
      return `The deadline leaves less time than the request takes.${expected}`;
    case 'wait_over':
      return `The request has waited for as long as ${sloClass} requests may.`;
    default:
      return reason satisfies never;
  }
};

const seconds = (ms: number): string => (ms / 1000).toFixed(ms < 10_000 ? 2 : 0);
