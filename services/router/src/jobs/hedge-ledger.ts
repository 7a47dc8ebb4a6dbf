import {
  firstHedge,
  hedgeAfterMs,
  type HedgeSettings,
  type HedgeState,
  mayHedge,
  nextHedge,
} from '@isotherm/policy';

/** Since the router started. */
export interface HedgeCounts {
  /** Jobs that could have been hedged. */
  readonly jobs: number;
  readonly hedged: number;
  /** Hedges whose second instance was the faster one. */
  readonly won: number;
  /** Stragglers that were not hedged, because too many had been. */
  readonly refused: number;
}

/** Keeps what the hedging policy knows, and counts what came of it. */
export interface HedgeLedger {
  /** A job begins: how long to wait for its instance alone, in milliseconds; undefined: as long as it takes. */
  begin(): number | undefined;
  /** Whether a straggler may be hedged. */
  may(): boolean;
  hedged(): void;
  /** A job is done. */
  ended(tookMs: number): void;
  /** It was the second instance that was faster. */
  won(): void;
  readonly counts: HedgeCounts;
}

export const createHedgeLedger = (settings: HedgeSettings): HedgeLedger => {
  let state: HedgeState = firstHedge;
  const counts = { jobs: 0, hedged: 0, won: 0, refused: 0 };
  const isOff = settings.hedgeEncodeAfterMs === 0 && settings.hedgeEncodePercentile === 0;
  return {
    counts,
    begin: () => {
      if (isOff) return undefined;
      counts.jobs += 1;
      state = nextHedge(state, { kind: 'started' }, settings);
      return hedgeAfterMs(state, settings);
    },
    may: () => {
      const allowed = mayHedge(state);
      if (!allowed) counts.refused += 1;
      return allowed;
    },
    hedged: () => {
      counts.hedged += 1;
      state = nextHedge(state, { kind: 'hedged' }, settings);
    },
    ended: (tookMs) => {
      if (!isOff) state = nextHedge(state, { kind: 'ended', tookMs }, settings);
    },
    won: () => void (counts.won += 1),
  };
};
