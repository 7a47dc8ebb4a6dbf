import { randomUUID } from 'node:crypto';
import {
  type Clock,
  Fault,
  type LeaseId,
  leaseId,
  type RequestId,
  systemClock,
} from '@isotherm/kernel';
import { type Payload, payloadBytes } from './payload.ts';

export interface LeaseStoreOptions {
  /** Most bytes under lease at once. */
  readonly bytesMax: number;
  /** How often leases that nobody released are looked for, in milliseconds. */
  readonly sweepMs?: number;
  readonly clock?: Clock;
}

export interface LeaseTerms {
  /** What the lease is to be called; absent or empty: a name that was never given. */
  readonly id?: string | undefined;
  /** Request on whose behalf the payload is kept. */
  readonly request: RequestId;
  /** Router on whose behalf the request runs; `releaseHolder` ends all that it holds. */
  readonly holder?: string;
  /** Unix time in milliseconds at which the lease ends by itself. */
  readonly expiresMs: number;
  /** Called each time that a peer has got the payload. */
  readonly pulled?: (() => void) | undefined;
  /** Called once, when the lease has ended. */
  readonly ended?: (() => void) | undefined;
}

/** Payloads keep a while past the request's deadline, in case clocks differ between machines. */
const leaseMarginMs = 5_000;

/** When a lease on behalf of a request ends by itself: both Unix times in milliseconds. */
export const leaseExpiresMs = (deadlineMs: number): number => deadlineMs + leaseMarginMs;

/**
 * Payloads kept for peers to pull. Every lease ends exactly once: released by its id, with its request, or by time,
 * so that a peer that died cannot pin memory. A payload under several leases is held, and counted, once.
 */
export interface LeaseStore {
  /** Faults: `saturated` when the bytes do not fit, `invalid_argument` for a name that a lease has. */
  put(payload: Payload, terms: LeaseTerms): LeaseId;
  get(id: string): Payload | undefined;
  /** A peer has got the payload under this lease. */
  pulled(id: string): void;
  /** How many of the ids were held. */
  release(ids: readonly string[]): number;
  releaseRequest(request: string): number;
  releaseHolder(holder: string): number;
  readonly count: number;
  readonly bytes: number;
  close(): void;
}

/** The payload under a lease. Faults: `not_found` when the lease has ended. */
export const leasedPayload = (store: LeaseStore, id: string): Payload => {
  const payload = store.get(id);
  if (payload !== undefined) return payload;
  throw new Fault('not_found', `No payload under lease ${id}: it was released or has expired.`);
};

interface Lease {
  readonly payload: Payload;
  readonly bytes: number;
  readonly request: string;
  readonly holder: string | undefined;
  readonly expiresMs: number;
  readonly pulled: (() => void) | undefined;
  readonly ended: (() => void) | undefined;
}

export const createLeaseStore = (options: LeaseStoreOptions): LeaseStore => {
  const clock = options.clock ?? systemClock;
  const leases = new Map<string, Lease>();
  const byRequest = new Map<string, Set<string>>();
  const leasesOf = new Map<Payload, number>();
  let bytes = 0;

  const end = (id: string): boolean => {
    const lease = leases.get(id);
    if (lease === undefined) return false;
    leases.delete(id);
    const others = (leasesOf.get(lease.payload) ?? 1) - 1;
    if (others > 0) leasesOf.set(lease.payload, others);
    else {
      leasesOf.delete(lease.payload);
      bytes -= lease.bytes;
    }
    const ids = byRequest.get(lease.request);
    ids?.delete(id);
    if (ids?.size === 0) byRequest.delete(lease.request);
    lease.ended?.();
    return true;
  };
  const sweep = (): void => {
    const now = clock.nowMs();
    for (const [id, lease] of leases) if (lease.expiresMs <= now) end(id);
  };
  const timer = setInterval(sweep, options.sweepMs ?? 1000);
  timer.unref();

  return {
    put: (payload, terms) => {
      const size = payloadBytes(payload);
      const extra = (): number => (leasesOf.has(payload) ? 0 : size);
      if (bytes + extra() > options.bytesMax) sweep();
      if (bytes + extra() > options.bytesMax) {
        throw new Fault(
          'saturated',
          `No room for a payload of ${size} bytes: ${bytes} of ${options.bytesMax} bytes are under lease.`,
        );
      }
      const id = leaseId(terms.id || randomUUID());
      if (leases.has(id)) throw new Fault('invalid_argument', `There is a lease ${id} already.`);
      const { request, holder, expiresMs, pulled, ended } = terms;
      bytes += extra();
      leasesOf.set(payload, (leasesOf.get(payload) ?? 0) + 1);
      leases.set(id, { payload, bytes: size, request, holder, expiresMs, pulled, ended });
      const ids = byRequest.get(terms.request) ?? new Set();
      byRequest.set(terms.request, ids.add(id));
      return id;
    },
    get: (id) => {
      const lease = leases.get(id);
      if (lease === undefined) return undefined;
      if (lease.expiresMs > clock.nowMs()) return lease.payload;
      end(id);
      return undefined;
    },
    pulled: (id) => leases.get(id)?.pulled?.(),
    release: (ids) => ids.filter(end).length,
    releaseRequest: (request) => [...(byRequest.get(request) ?? [])].filter(end).length,
    releaseHolder: (holder) =>
      [...leases].filter(([id, lease]) => lease.holder === holder && end(id)).length,
    get count() {
      return leases.size;
    },
    get bytes() {
      return bytes;
    },
    close: () => {
      clearInterval(timer);
      leases.clear();
      byRequest.clear();
      leasesOf.clear();
      bytes = 0;
    },
  };
};
