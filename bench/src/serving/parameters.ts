import type { Asker } from './load/workload.ts';
import type { PeerShape } from './peer/start-monolith.ts';
import type { RateGrid } from './measure/goodput-search.ts';

/** How much is asked of one model; times in seconds, shares from 0 to 1. */
export interface ModelParameters {
  readonly asker: Asker;
  readonly seed: number;
  /** Shapes of the peer that are tried; the one with the highest saturated throughput is measured. */
  readonly peerShapes: readonly PeerShape[];
  /** How many requests take turns in a process of the peer: each rate is tried with all, and the best counts. */
  readonly peerTurns: readonly number[];
  /** How long each shape is tried. */
  readonly peerTrialS: number;
  readonly warmS: number;
  /** Requests on the idle system for each number of pictures. */
  readonly unloadedEach: number;
  /** The SLO is this many times the peer's unloaded medians. */
  readonly sloFactor: number;
  /** Share of requests that must keep to it. */
  readonly sloShare: number;
  /** A second, harder share; not measured if undefined, as where a run has too few requests. */
  readonly sloShareStrict: number | undefined;
  readonly saturation: {
    readonly concurrency: number;
    readonly warmS: number;
    readonly measureS: number;
  };
  /** Rates of the search, as shares of the system's own saturated throughput. */
  readonly grid: RateGrid;
  /** An open loop lasts so long, within so many requests. */
  readonly open: {
    readonly seconds: number;
    readonly requestsMin: number;
    readonly requestsMax: number;
  };
  /** The common rate, as a share of the peer's saturated throughput. */
  readonly commonShare: number;
  /** Whether `mixed` is also asked with Poisson arrivals. */
  readonly poisson: boolean;
  readonly ablations: {
    readonly measureS: number;
    readonly unloaded: number;
  };
}

const panel: ModelParameters = {
  asker: 'panel',
  seed: 1,
  peerShapes: [
    { processes: 1, threads: 1 },
    { processes: 2, threads: 1 },
    { processes: 1, threads: 2 },
  ],
  peerTurns: [1, 4],
  peerTrialS: 4,
  // Four thousand requests: the compiler still has a piece of Isotherm to optimise with every third one after two thousand.
  warmS: 20,
  unloadedEach: 40,
  sloFactor: 5,
  sloShare: 0.9,
  sloShareStrict: 0.99,
  saturation: { concurrency: 48, warmS: 2, measureS: 6 },
  grid: { lowest: 0.1, ratio: 1.15, steps: 18 },
  open: { seconds: 6, requestsMin: 150, requestsMax: 2000 },
  commonShare: 0.5,
  poisson: true,
  ablations: { measureS: 4, unloaded: 40 },
};

const weighty: ModelParameters = {
  asker: 'weighty',
  seed: 2,
  peerShapes: [
    { processes: 2, threads: 1 },
    { processes: 1, threads: 2 },
  ],
  peerTurns: [1, 4],
  peerTrialS: 15,
  warmS: 6,
  unloadedEach: 2,
  sloFactor: 5,
  sloShare: 0.9,
  sloShareStrict: undefined,
  saturation: { concurrency: 16, warmS: 6, measureS: 30 },
  grid: { lowest: 0.25, ratio: 1.2, steps: 9 },
  open: { seconds: 40, requestsMin: 30, requestsMax: 60 },
  commonShare: 0.5,
  poisson: false,
  ablations: { measureS: 20, unloaded: 3 },
};

export const fullParameters = { panel, weighty } as const;

/** Shows that the bench works; its figures mean nothing. With weighty only where it is asked for by name. */
export const quickParameters = {
  panel: {
    ...panel,
    peerShapes: [{ processes: 1, threads: 1 }],
    peerTurns: [1],
    peerTrialS: 1,
    warmS: 1,
    unloadedEach: 4,
    saturation: { concurrency: 16, warmS: 0.3, measureS: 1.5 },
    grid: { lowest: 0.1, ratio: 2, steps: 3 },
    open: { seconds: 1, requestsMin: 20, requestsMax: 60 },
    sloShareStrict: undefined,
    poisson: false,
    ablations: { measureS: 1, unloaded: 4 },
  },
  weighty: {
    ...weighty,
    peerTurns: [1],
    peerTrialS: 5,
    warmS: 2,
    unloadedEach: 1,
    saturation: { concurrency: 8, warmS: 2, measureS: 10 },
    grid: { lowest: 0.2, ratio: 2, steps: 3 },
    open: { seconds: 10, requestsMin: 6, requestsMax: 10 },
    ablations: { measureS: 8, unloaded: 1 },
  },
} as const;
