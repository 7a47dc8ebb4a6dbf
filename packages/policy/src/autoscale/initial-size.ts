import type { ScaleSettings } from './contract.ts';

export interface InitialSizeSettings extends Pick<
  ScaleSettings,
  'replicasMin' | 'replicasMax' | 'warmSpares'
> {
  /** Share of the history's samples whose load fits: 0.5 is their median. */
  readonly historyShare: number;
  /** Instances where there is no history: rather too many. */
  readonly replicasUnknown: number;
}

/**
 * Instances to begin with: what a share of the loads of the past fitted into. ModServe takes the median and provides too
 * much where there is no history.
 */
export const initialReplicas = (
  loadsTokensPerS: readonly number[],
  capacityTokensPerS: number,
  settings: InitialSizeSettings,
): number => {
  const { replicasMin, replicasMax, warmSpares, historyShare, replicasUnknown } = settings;
  const bounded = (replicas: number): number =>
    Math.max(replicasMin, Math.min(replicasMax, replicas));
  if (loadsTokensPerS.length === 0 || !(capacityTokensPerS > 0)) return bounded(replicasUnknown);
  const sorted = loadsTokensPerS.toSorted((a, b) => a - b);
  const rank = Math.ceil(historyShare * sorted.length) - 1;
  const load = sorted[Math.max(0, Math.min(sorted.length - 1, rank))] ?? 0;
  return bounded(Math.ceil(load / capacityTokensPerS) + warmSpares);
};

/** Medians of the past, as ModServe sizes its two pools. */
export interface PoolHistory {
  readonly imagesPerS: number;
  readonly encodeS: number;
  readonly imagesPerRequest: number;
}

/**
 * ModServe's rule for its two pools: as many Image Instances as pictures are encoded at a time, and a Text Instance for as
 * many of them as a request has pictures. At least one each.
 */
export const initialPools = ({
  imagesPerS,
  encodeS,
  imagesPerRequest,
}: PoolHistory): { readonly image: number; readonly text: number } => {
  const image = Math.max(1, Math.ceil(imagesPerS * encodeS));
  return { image, text: Math.max(1, Math.ceil(image / Math.max(1, imagesPerRequest))) };
};
