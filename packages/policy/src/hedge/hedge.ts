/** When work that has no answer yet is given to a second instance too, and how often that may be. */
export interface HedgeSettings {
  /** No sooner than this after it was sent, in milliseconds; 0 for no such time. */
  readonly hedgeEncodeAfterMs: number;
  /** No sooner than this percentile of the times that such work took lately; 0 for no such time. */
  readonly hedgeEncodePercentile: number;
  /** Most jobs that are hedged, in percent of all. */
  readonly hedgeEncodePercentMax: number;
}

/** What hedging knows of the work that was done. */
export interface HedgeState {
  /** How long the last pieces of work took, in milliseconds, in the order in which they ended. */
  readonly tookMs: readonly number[];
  /** Hedges that may be begun now; each piece of work adds its share of one. */
  readonly credit: number;
}

export type HedgeEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'hedged' }
  | { readonly kind: 'ended'; readonly tookMs: number };

/** The first straggler is hedged, though no work has been done that it could be a share of. */
export const firstHedge: HedgeState = { tookMs: [], credit: 1 };

/** Times that are remembered, and without which a percentile means nothing. */
const timesMax = 256;
const timesMin = 20;
/** What quiet times save up for a bad one is bounded: hedges must not double a load that is too much already. */
const creditMax = 8;

export const nextHedge = (
  state: HedgeState,
  event: HedgeEvent,
  { hedgeEncodePercentMax }: Pick<HedgeSettings, 'hedgeEncodePercentMax'>,
): HedgeState => {
  switch (event.kind) {
    case 'started': {
      const credit = Math.min(state.credit + hedgeEncodePercentMax / 100, creditMax);
      return { ...state, credit };
    }
    case 'hedged':
      return { ...state, credit: Math.max(0, state.credit - 1) };
    case 'ended':
      return { ...state, tookMs: [...state.tookMs, event.tookMs].slice(-timesMax) };
    default:
      return event satisfies never;
  }
};

/** How long to wait for the first instance, in milliseconds; undefined where work is not hedged, or not yet. */
export const hedgeAfterMs = (
  { tookMs }: HedgeState,
  { hedgeEncodeAfterMs, hedgeEncodePercentile }: HedgeSettings,
): number | undefined => {
  if (hedgeEncodePercentile === 0) return hedgeEncodeAfterMs > 0 ? hedgeEncodeAfterMs : undefined;
  if (tookMs.length < timesMin) return hedgeEncodeAfterMs > 0 ? hedgeEncodeAfterMs : undefined;
  const sorted = tookMs.toSorted((a, b) => a - b);
  const rank = Math.ceil((hedgeEncodePercentile / 100) * sorted.length) - 1;
  return Math.max(hedgeEncodeAfterMs, sorted[Math.max(0, rank)] ?? 0);
};

/** Whether the share of hedged work allows one more. */
export const mayHedge = ({ credit }: HedgeState): boolean => credit >= 1;
