import type { FaultCode } from '@isotherm/kernel';

/** Bounds of a circuit breaker. */
export interface BreakerSettings {
  /** Failures, without a success between them, that open it; 0 switches breakers off. */
  readonly breakerFailuresMax: number;
  /** Failures further apart than this do not add up, in milliseconds. */
  readonly breakerWindowMs: number;
  /** How long it stays open at first; doubled each time that a probe fails, in milliseconds. */
  readonly breakerOpenMs: number;
  /** Longest that it stays open, in milliseconds. */
  readonly breakerOpenMsMax: number;
  /** Most jobs at once that try whether the instance works again. */
  readonly breakerProbesMax: number;
}

/** The breaker of one instance; `sinceMs` is when this state began. All times are of one clock. */
export type BreakerState =
  | {
      readonly kind: 'closed';
      readonly sinceMs: number;
      readonly failures: number;
      readonly firstFailureMs: number;
    }
  | {
      readonly kind: 'open';
      readonly sinceMs: number;
      readonly untilMs: number;
      /** How often it has opened without having closed. */
      readonly times: number;
    }
  | {
      readonly kind: 'half_open';
      readonly sinceMs: number;
      readonly probes: number;
      readonly times: number;
    };

/** What happens at an instance. A job's outcome carries when the job was sent. */
export type BreakerEvent =
  | { readonly kind: 'started' }
  /** It has done, or begun to do, what it was asked for. */
  | { readonly kind: 'succeeded'; readonly startedMs: number }
  /** It, or the way to it, failed: never by what the client asked for. */
  | { readonly kind: 'failed'; readonly startedMs: number }
  /** The job ended without saying anything about the instance. */
  | { readonly kind: 'left'; readonly startedMs: number }
  /** The instance can be heard again after it could not. */
  | { readonly kind: 'returned' };

export const closedBreaker: BreakerState = {
  ...{ kind: 'closed', sinceMs: -Infinity, failures: 0, firstFailureMs: 0 },
};

const infrastructure: ReadonlySet<FaultCode> = new Set<FaultCode>(['unavailable', 'internal']);

/**
 * Whether a fault speaks against the instance that reported it. What a client has asked for, a full lane, a sequence that
 * made room for others and a payload that another instance lost do not.
 */
export const blamesInstance = (code: FaultCode): boolean => infrastructure.has(code);

/** Whether work may be sent to the instance now. */
export const breakerAdmits = (
  state: BreakerState,
  nowMs: number,
  { breakerProbesMax }: Pick<BreakerSettings, 'breakerProbesMax'>,
): boolean => {
  switch (state.kind) {
    case 'closed':
      return true;
    case 'open':
      return nowMs >= state.untilMs;
    case 'half_open':
      return state.probes < breakerProbesMax;
    default:
      return state satisfies never;
  }
};

/**
 * The next state. Outcomes of jobs that were sent before the state began are old news and change nothing: one broken
 * stream fails many jobs at once, and must not count again and again.
 */
export const nextBreaker = (
  state: BreakerState,
  event: BreakerEvent,
  nowMs: number,
  settings: BreakerSettings,
): BreakerState => {
  if (settings.breakerFailuresMax === 0) return closedBreaker;
  if ('startedMs' in event && event.startedMs < state.sinceMs) return state;
  switch (event.kind) {
    case 'started':
      return started(state, nowMs);
    case 'succeeded':
      if (state.kind === 'closed') return state.failures === 0 ? state : { ...state, failures: 0 };
      return { ...closedBreaker, sinceMs: nowMs };
    case 'failed':
      return failed(state, nowMs, settings);
    case 'left':
      if (state.kind !== 'half_open') return state;
      return { ...state, probes: Math.max(0, state.probes - 1) };
    case 'returned':
      if (state.kind !== 'open') return state;
      return { kind: 'half_open', sinceMs: nowMs, probes: 0, times: state.times };
    default:
      return event satisfies never;
  }
};

const started = (state: BreakerState, nowMs: number): BreakerState => {
  if (state.kind === 'half_open') return { ...state, probes: state.probes + 1 };
  if (state.kind === 'closed' || nowMs < state.untilMs) return state;
  return { kind: 'half_open', sinceMs: nowMs, probes: 1, times: state.times };
};

const failed = (state: BreakerState, nowMs: number, settings: BreakerSettings): BreakerState => {
  if (state.kind !== 'closed') return opened(state.times, nowMs, settings);
  const adds = state.failures > 0 && nowMs - state.firstFailureMs <= settings.breakerWindowMs;
  const failures = adds ? state.failures + 1 : 1;
  if (failures >= settings.breakerFailuresMax) return opened(0, nowMs, settings);
  return { ...state, failures, firstFailureMs: adds ? state.firstFailureMs : nowMs };
};

const opened = (times: number, nowMs: number, settings: BreakerSettings): BreakerState => {
  const { breakerOpenMs, breakerOpenMsMax } = settings;
  const openMs = Math.min(breakerOpenMs * 2 ** Math.min(times, 30), breakerOpenMsMax);
  return { kind: 'open', sinceMs: nowMs, untilMs: nowMs + openMs, times: times + 1 };
};
