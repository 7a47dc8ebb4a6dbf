import type {
  LoadMark,
  ScaleDecision,
  ScaleLimit,
  ScaleReason,
  ScaleSample,
  ScaleSettings,
  ScaleState,
  ScaleTrace,
} from './contract.ts';

/** ModServe plans every five minutes and below an attainment of 0.99; the rest is ours. */
export const autoscaleDefaults: ScaleSettings = {
  ...{ replicasMin: 1, replicasMax: 64, planEveryMs: 300_000 },
  ...{ attainmentMin: 0.99, urgentEveryMs: 30_000, warmSpares: 0 },
  ...{ downWindowMs: 600_000, downMarginShare: 0.1, stepUpMax: 64, stepDownMax: 2 },
  ...{ doubtShare: 0.1, trustMin: 0.4, trustGrowth: 0.01 },
};

/** A pool that begins with so many instances: its first sample is planned for at once. */
export const firstScale = (target: number): ScaleState => ({
  ...{ target, plannedAtMs: Number.NEGATIVE_INFINITY, trust: 1, loads: [], last: undefined },
});

/** Parts of the window whose greatest loads are remembered. */
const marksMax = 16;

/**
 * The next target of a pool, and what is remembered for the one after: replicas = ⌈load ÷ capacity⌉ as in ModServe, every so
 * often and at once when the SLO is missed; of the load that is expected when an instance that is started now takes work. What
 * the load of the last while would still need is kept, so that under a constant load the target comes to rest.
 */
export const autoscale = (
  state: ScaleState,
  sample: ScaleSample,
  settings: ScaleSettings,
): { readonly state: ScaleState; readonly decision: ScaleDecision } => {
  const loads = markLoad(state.loads, sample, settings);
  const last = { atMs: sample.atMs, loadTokensPerS: loadOf(sample) };
  const reason = reasonOf(state, sample, settings);
  if (reason === undefined) {
    return { state: { ...state, loads }, decision: { kind: 'wait', target: state.target } };
  }
  const trust = trustOf(state, sample, settings, reason);
  const { target, trace } = plan({ ...state, loads, trust }, sample, settings, reason);
  return {
    state: { target, plannedAtMs: sample.atMs, trust, loads, last },
    decision: { kind: 'planned', target, trace },
  };
};

const loadOf = ({ loadTokensPerS }: ScaleSample): number =>
  loadTokensPerS > 0 && Number.isFinite(loadTokensPerS) ? loadTokensPerS : 0;

const isMissed = ({ attainment }: ScaleSample, { attainmentMin }: ScaleSettings): boolean =>
  attainment !== undefined && attainment < attainmentMin;

const reasonOf = (
  { plannedAtMs }: ScaleState,
  sample: ScaleSample,
  settings: ScaleSettings,
): ScaleReason | undefined => {
  if (plannedAtMs === Number.NEGATIVE_INFINITY) return 'first';
  const agoMs = sample.atMs - plannedAtMs;
  if (isMissed(sample, settings) && agoMs >= settings.urgentEveryMs) return 'attainment';
  return agoMs >= settings.planEveryMs ? 'periodic' : undefined;
};

/**
 * A miss while all that is wanted takes work says that the profile promises too much: less of it is believed, and more again
 * bit by bit. A miss while instances are still starting says nothing of it, nor does one that another stage must have caused.
 */
const trustOf = (
  { trust, target }: ScaleState,
  sample: ScaleSample,
  settings: ScaleSettings,
  reason: ScaleReason,
): number => {
  if (reason === 'first') return trust;
  if (!isMissed(sample, settings)) return Math.min(1, trust * (1 + settings.trustGrowth));
  if (sample.ready < target || isIdle(trust, sample)) return trust;
  return Math.max(settings.trustMin, trust * (1 - settings.doubtShare));
};

/** Less than this share of what is believed of a pool is not what makes it late. */
const loadedShareMin = 0.5;

const isIdle = (trust: number, sample: ScaleSample): boolean =>
  loadOf(sample) < loadedShareMin * trust * sample.capacityTokensPerS * sample.ready;

const markLoad = (
  loads: readonly LoadMark[],
  sample: ScaleSample,
  { downWindowMs }: ScaleSettings,
): readonly LoadMark[] => {
  const tokensPerS = loadOf(sample);
  const partMs = downWindowMs / marksMax;
  const kept = loads.filter(({ fromMs }) => fromMs + partMs > sample.atMs - downWindowMs);
  const newest = kept.at(-1);
  if (newest !== undefined && sample.atMs < newest.fromMs + partMs) {
    const raised = { ...newest, tokensPerS: Math.max(newest.tokensPerS, tokensPerS) };
    return [...kept.slice(0, -1), raised];
  }
  return [...kept, { fromMs: sample.atMs, tokensPerS }].slice(-marksMax - 1);
};

/** The load goes on growing as since the plan before until a new instance is there; it is never expected to fall. */
const expectedLoad = ({ last }: ScaleState, sample: ScaleSample): number => {
  const load = loadOf(sample);
  if (last === undefined || sample.atMs <= last.atMs) return load;
  const growth = Math.max(0, (load - last.loadTokensPerS) / (sample.atMs - last.atMs));
  // No further ahead than twice what is there: a jump is no trend.
  return Math.min(load + growth * Math.max(0, sample.startMs), 2 * load);
};

const plan = (
  state: ScaleState,
  sample: ScaleSample,
  settings: ScaleSettings,
  reason: ScaleReason,
): { readonly target: number; readonly trace: ScaleTrace } => {
  const believedTokensPerS = Math.max(0, sample.capacityTokensPerS) * state.trust;
  const expectedTokensPerS = expectedLoad(state, sample);
  const trace = { reason, expectedTokensPerS, believedTokensPerS };
  if (believedTokensPerS === 0) {
    // No number of instances keeps the SLO: what is there stays.
    const target = bounded(state.target, settings);
    const kept = { wanted: target, keptUpTo: target, limitedBy: 'capacity' as const };
    return { target, trace: { ...trace, ...kept } };
  }
  const replicas = (load: number): number => Math.ceil(load / believedTokensPerS);
  const wanted = replicas(expectedTokensPerS) + settings.warmSpares;
  const lately = Math.max(0, ...state.loads.map(({ tokensPerS }) => tokensPerS));
  const margin = 1 + settings.downMarginShare;
  const keptUpTo = Math.max(wanted, replicas(lately * margin) + settings.warmSpares);
  const { target, limitedBy } = limit(state.target, { wanted, keptUpTo }, sample, settings);
  return { target, trace: { ...trace, wanted, keptUpTo, limitedBy } };
};

const bounded = (replicas: number, { replicasMin, replicasMax }: ScaleSettings): number =>
  Math.max(replicasMin, Math.min(replicasMax, replicas));

/** From the target before towards what is wanted, as far as bounds, steps and the place let it. */
const limit = (
  before: number,
  { wanted, keptUpTo }: { readonly wanted: number; readonly keptUpTo: number },
  sample: ScaleSample,
  settings: ScaleSettings,
): { readonly target: number; readonly limitedBy: ScaleLimit } => {
  const aim = before < wanted ? wanted : Math.min(before, keptUpTo);
  const inBounds = bounded(aim, settings);
  const current = bounded(before, settings);
  const bearable = Math.max(current, sample.replicasBearable ?? Number.POSITIVE_INFINITY);
  const borne = Math.min(inBounds, bearable);
  const stepped = Math.max(
    current - settings.stepDownMax,
    Math.min(current + settings.stepUpMax, borne),
  );
  if (stepped !== borne) return { target: stepped, limitedBy: 'step' };
  if (borne !== inBounds) return { target: borne, limitedBy: 'headroom' };
  if (inBounds !== aim) return { target: inBounds, limitedBy: inBounds < aim ? 'max' : 'min' };
  return { target: stepped, limitedBy: 'none' };
};
