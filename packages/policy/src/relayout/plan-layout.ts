import type { LayoutDecision, LayoutSample, LayoutSettings, LayoutState } from './contract.ts';
import { marginOf, splitGpus } from './split-gpus.ts';

/**
 * A minute's reload pays where what it mends lasts: loads of two minutes, and a sixth more margin. A mix that goes over into another is
 * followed in steps, each instance reloaded once. Half as much again as a layout needs is enough.
 */
export const layoutDefaults: LayoutSettings = {
  ...{ planEveryMs: 30_000, windowMs: 120_000, marginEnough: 1.5, gainMin: 0.15 },
};

/** A layout to begin with, whatever made it. */
export const firstLayout = (counts: readonly number[]): LayoutState => ({
  ...{ counts, busyInstances: [], since: undefined },
});

/**
 * How many of a fleet's instances should do what, from the mix of work that comes: a layout that was made for pictures loses
 * where few come, since encoders cannot run prompts. Whoever acts on it lets instances end what they have and starts them
 * again as what is wanting; so it changes only where the present layout has little left and another would have more, by
 * averages that no burst moves.
 */
export const planLayout = (
  state: LayoutState,
  sample: LayoutSample,
  settings: LayoutSettings,
): { readonly state: LayoutState; readonly decision: LayoutDecision } => {
  const averaged = average(state, sample, settings);
  const { since } = averaged;
  const { atMs } = sample;
  const isTooSoon =
    since === undefined ||
    atMs - since.firstAtMs < settings.windowMs ||
    atMs - since.plannedAtMs < settings.planEveryMs;
  if (isTooSoon) return { state: averaged, decision: { kind: 'wait' } };
  const planned = { ...averaged, since: { ...since, plannedAtMs: atMs } };
  const pools = sample.pools.map((pool, at) => ({
    ...pool,
    busyInstances: averaged.busyInstances[at] ?? 0,
  }));
  const best = splitGpus(pools, sample.gpus);
  const margin = marginOf(pools, state.counts);
  const marginOfBest = marginOf(pools, best);
  const figures = { margin, marginOfBest };
  const isWorthIt = margin < settings.marginEnough && marginOfBest >= margin + settings.gainMin;
  return isWorthIt
    ? { state: { ...planned, counts: best }, decision: { kind: 'change', ...figures } }
    : { state: planned, decision: { kind: 'keep', ...figures } };
};

/** Each sample weighs by the time since the one before: a share of the window, or of what there has been of it. */
const average = (
  state: LayoutState,
  { atMs, pools }: LayoutSample,
  { windowMs }: LayoutSettings,
): LayoutState => {
  const { firstAtMs, sampledAtMs, plannedAtMs } = state.since ?? {
    ...{ firstAtMs: atMs, sampledAtMs: atMs, plannedAtMs: atMs },
  };
  const spanMs = Math.min(windowMs, atMs - firstAtMs);
  const share = spanMs > 0 ? Math.min(1, (atMs - sampledAtMs) / spanMs) : 1;
  const averages = pools.map((pool, at) => {
    const now = Number.isFinite(pool.busyInstances) ? Math.max(0, pool.busyInstances) : 0;
    const before = state.busyInstances[at] ?? now;
    return before + share * (now - before);
  });
  const since = { firstAtMs, sampledAtMs: atMs, plannedAtMs };
  return { ...state, since, busyInstances: averages };
};
