import type { FaultCode } from '@isotherm/kernel';
import type { Payload } from '../payload.ts';
import type { PullOptions } from '../pull-try.ts';

/** What the thread that pulls is told. */
export type PullCall =
  | {
      readonly kind: 'pull';
      readonly number: number;
      readonly address: string;
      readonly leaseId: string;
      readonly options: Omit<PullOptions, 'signal'>;
    }
  | { readonly kind: 'cancel'; readonly number: number };

/** What it answers; the buffers of a payload move. */
export type PullReply =
  | { readonly kind: 'done'; readonly number: number; readonly payload: Payload }
  | {
      readonly kind: 'failed';
      readonly number: number;
      readonly code: FaultCode;
      readonly message: string;
    };

/** What the thread is started with. */
export interface PullWorkerData {
  readonly pullSilenceMs: number;
}
