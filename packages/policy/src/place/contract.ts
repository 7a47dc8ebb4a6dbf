import type { Stage } from '@isotherm/kernel';
import type { LevelState } from '../headroom/level.ts';
import type { Place, TenantKind } from '../headroom/place.ts';

/** What is to be placed. */
export interface PlaceWork {
  readonly tenant: TenantKind;
  /** The stage that it runs; absent: unknown, so that it may heat every part. */
  readonly stage?: Stage;
  /** GPUs that it takes, all in one server. */
  readonly gpus: number;
  /** The server class that it needs; absent: any. */
  readonly serverKind?: string;
  /** What it draws at its predicted peak, of all its GPUs; absent: unknown, so that it counts in full. */
  readonly peakW?: number;
}

export interface PlaceServer {
  readonly id: string;
  readonly kind: string;
  /** Most that one of its GPUs draws, with its part of the server around it. */
  readonly gpuPeakW: number;
  readonly gpus: readonly PlaceGpu[];
}

export interface PlaceGpu {
  readonly index: number;
  readonly free: boolean;
  readonly core: PlaceTemperature;
  readonly memory: PlaceTemperature;
}

/** One part of a GPU at the predicted peak of the room, without the work that is to be placed. */
export interface PlaceTemperature {
  readonly peakC: number;
  readonly limitC: number;
  /** Kelvins that it rises for each watt that its GPU draws. */
  readonly riseKPerW: number;
}

export interface PlaceRoom {
  readonly servers: readonly PlaceServer[];
  /** The level of each server is among them; a server without one is not used. */
  readonly levels: readonly LevelState[];
}

export interface PlaceSettings {
  /** Share of every power and air limit that is not placed on. */
  readonly marginShare: number;
  /** Distance that is kept from every temperature limit, in kelvins. */
  readonly marginK: number;
  /** A GPU at this temperature counts as cold when shares of its limit are taken, in degrees Celsius. */
  readonly coldC: number;
  readonly weights: PlaceWeights;
}

export interface PlaceWeights {
  readonly coolServer: number;
  readonly stageHeat: number;
  readonly mixTenants: number;
  readonly roomLeft: number;
}

/** A server that can take the work, with the GPUs that it would go to. */
export interface PlaceCandidate {
  readonly server: PlaceServer;
  readonly gpus: readonly PlaceGpu[];
  /** What the work adds at its peak. */
  readonly addedW: number;
  /** Every level that feels it, by key, with the share that it feels. */
  readonly shares: ReadonlyMap<string, number>;
}

/** Why a server was dropped: by which validator, and at which level, GPU or number. */
export interface PlaceDrop {
  readonly validator: string;
  readonly at: string;
}

export interface PlaceTrace {
  readonly dropped: Readonly<Record<string, PlaceDrop>>;
  /** Server → score of each preference and their weighted sum. */
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export type PlaceDecision =
  | { readonly kind: 'placed'; readonly place: Place; readonly trace: PlaceTrace }
  | {
      readonly kind: 'rejected';
      readonly reason: 'no_server' | 'all_dropped';
      readonly trace: PlaceTrace;
    };
