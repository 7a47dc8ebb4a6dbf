import type {
  Evidence,
  ScaleDecision,
  ScaleLimit,
  ScaleReason,
  ScaleSample,
  ScaleSettings,
  ScaleState,
  ScaleTrace,
} from './contract.ts';
import { greatestMean, growthOf, markLoad, meanBefore } from './load-history.ts';

/** ModServe plans every five minutes and below an attainment of 0.99; the rest is ours. */
export const autoscaleDefaults: ScaleSettings = {
  ...{ replicasMin: 1, replicasMax: 64, planEveryMs: 60_000 },
  ...{ attainmentMin: 0.99, urgentEveryMs: 30_000, warmSpares: 0 },
  ...{ loadWindowMs: 30_000, downWindowMs: 300_000, downMarginShare: 0.1 },
  ...{ stepUpMax: 64, stepDownMax: 8 },
  ...{ judgeEveryMs: 60_000, doubtShare: 0.1, trustMin: 0.4, trustGrowth: 0.01 },
};

/** A pool that begins with so many instances: its first sample is planned for at once. */
export const firstScale = (target: number): ScaleState => ({
  ...{ target, plannedAtMs: Number.NEGATIVE_INFINITY, trust: 1, loads: [] },
  ...{ firstAtMs: undefined, sampledAtMs: undefined, evidence: undefined },
});

/**
 * The next target of a pool, and what is remembered for the one after: replicas = ⌈load ÷ capacity⌉ as in ModServe, every so
 * often and at once when the SLO is missed or the load has outgrown them; of the load that is expected when an instance that is started now
 * takes work. What the load of the last while would still need is kept, so that under a constant load the target comes to rest.
 */
export const autoscale = (
  state: ScaleState,
  sample: ScaleSample,
  settings: ScaleSettings,
): { readonly state: ScaleState; readonly decision: ScaleDecision } => {
  const seen: ScaleState = {
    ...{ target: state.target, plannedAtMs: state.plannedAtMs, trust: state.trust },
    ...{ loads: markLoad(state, sample, settings), sampledAtMs: sample.atMs },
    firstAtMs: state.firstAtMs ?? sample.atMs,
    evidence: state.evidence,
  };
  const reason = reasonOf(seen, sample, settings);
  const decided =
    reason === undefined
      ? { state: seen, decision: { kind: 'wait', target: seen.target } as const }
      : planned(seen, sample, settings, reason);
  const evidence = isStrained(decided.state, sample, settings)
    ? undefined
    : withSample(decided.state.evidence, state, sample);
  return { ...decided, state: { ...decided.state, evidence } };
};

const planned = (
  seen: ScaleState,
  sample: ScaleSample,
  settings: ScaleSettings,
  reason: ScaleReason,
): { readonly state: ScaleState; readonly decision: ScaleDecision } => {
  const judged = judge(seen, sample, settings);
  const { target, trace } = plan(judged, sample, settings, reason);
  return {
    state: { ...judged, target, plannedAtMs: sample.atMs },
    decision: { kind: 'planned', target, trace },
  };
};

const isMissed = ({ attainment }: ScaleSample, { attainmentMin }: ScaleSettings): boolean =>
  attainment !== undefined && attainment < attainmentMin;

const reasonOf = (
  state: ScaleState,
  sample: ScaleSample,
  settings: ScaleSettings,
): ScaleReason | undefined => {
  const { plannedAtMs, target } = state;
  if (plannedAtMs === Number.NEGATIVE_INFINITY) return 'first';
  const agoMs = sample.atMs - plannedAtMs;
  if (agoMs >= settings.planEveryMs) return 'periodic';
  if (agoMs < settings.urgentEveryMs) return undefined;
  if (isMissed(sample, settings)) return 'attainment';
  const { wanted } = needOf(state, sample, settings);
  return bounded(wanted, settings) > target ? 'outgrown' : undefined;
};

/** What came in time since the load was last too much for what was there. */
const withSample = (
  evidence: Evidence | undefined,
  { sampledAtMs }: ScaleState,
  { atMs, attainment }: ScaleSample,
): Evidence => {
  if (evidence === undefined) return { fromMs: atMs, spanMs: 0, attainment: 1 };
  if (attainment === undefined) return evidence;
  const spanMs = Math.max(1, atMs - (sampledAtMs ?? atMs));
  const both = evidence.spanMs + spanMs;
  const sum = evidence.spanMs * evidence.attainment + spanMs * within(attainment);
  return { ...evidence, spanMs: both, attainment: sum / both };
};

const within = (share: number): number => Math.max(0, Math.min(1, share));

/** More comes than was planned for, or what was wanted is not there yet: who is late now, and for a while, says nothing of the profile. */
const isStrained = (
  state: ScaleState,
  sample: ScaleSample,
  { loadWindowMs }: ScaleSettings,
): boolean =>
  sample.ready < state.target ||
  instancesFor(lastMean(state, loadWindowMs), state.trust, sample) > sample.ready;

const lastMean = ({ loads }: ScaleState, windowMs: number): number =>
  meanBefore(loads, loads.length - 1, windowMs);

/**
 * Misses for a while, though the load was no more than was planned for, say that the profile promises too much:
 * less of it is believed, by how far they are from what is asked; and more again bit by bit. Not where another stage must have
 * caused them.
 */
const judge = (state: ScaleState, sample: ScaleSample, settings: ScaleSettings): ScaleState => {
  const { evidence, trust } = state;
  const { attainmentMin, judgeEveryMs, doubtShare, trustMin, trustGrowth } = settings;
  if (evidence === undefined || sample.atMs - evidence.fromMs < judgeEveryMs) return state;
  const judged = { ...state, evidence: undefined };
  if (evidence.spanMs > 0 && evidence.attainment < attainmentMin) {
    if (isIdle(state, sample, settings)) return judged;
    const missed = (attainmentMin - evidence.attainment) / Math.max(1e-6, 1 - attainmentMin);
    const doubt = doubtShare * Math.min(1, missed);
    return { ...judged, trust: Math.max(trustMin, trust * (1 - doubt)) };
  }
  return { ...judged, trust: Math.min(1, trust * (1 + trustGrowth)) };
};

/** Less than this share of what is believed of a pool is not what makes it late. */
const loadedShareMin = 0.5;

const isIdle = (state: ScaleState, sample: ScaleSample, { loadWindowMs }: ScaleSettings): boolean =>
  instancesFor(lastMean(state, loadWindowMs), state.trust, sample) < loadedShareMin * sample.ready;

/** The load goes on growing as lately until a new instance is there; it is never expected to fall. */
const expectedLoad = (
  state: ScaleState,
  { startMs }: ScaleSample,
  { loadWindowMs }: ScaleSettings,
): number => {
  const load = lastMean(state, loadWindowMs);
  // No further ahead than twice what is there: a jump is no trend.
  return Math.min(load + growthOf(state.loads, loadWindowMs) * Math.max(0, startMs), 2 * load);
};

/**
 * Instances for a load, as a fraction. One alone keeps the SLO with a share ρ of what it does at most; what it has to spare for chance,
 * many share: like in all queues with several servers it goes by the root of the load a that they have at once, a + z·√a (Halfin
 * and Whitt, 1981), with the z = (1 − ρ) ÷ √ρ that makes it one instance for what one bears.
 */
const instancesFor = (
  load: number,
  trust: number,
  { capacityTokensPerS, saturationTokensPerS = 0 }: ScaleSample,
): number => {
  const alone = load / (trust * Math.max(0, capacityTokensPerS));
  const busyShare = capacityTokensPerS / saturationTokensPerS;
  // One is enough for less than it bears, and spare capacity is only shared by several.
  if (!(busyShare < 1) || alone <= 1) return alone;
  const offered = load / (saturationTokensPerS * trust);
  return offered + ((1 - busyShare) / Math.sqrt(busyShare)) * Math.sqrt(offered);
};

/** What the load asks for, spares included, and the figures behind it. */
const needOf = (state: ScaleState, sample: ScaleSample, settings: ScaleSettings) => {
  const believedTokensPerS = Math.max(0, sample.capacityTokensPerS) * state.trust;
  const expectedTokensPerS = expectedLoad(state, sample, settings);
  const replicas = (load: number): number =>
    believedTokensPerS > 0
      ? Math.ceil(instancesFor(load, state.trust, sample)) + settings.warmSpares
      : 0;
  const wanted = replicas(expectedTokensPerS);
  return { believedTokensPerS, expectedTokensPerS, replicas, wanted };
};

const plan = (
  state: ScaleState,
  sample: ScaleSample,
  settings: ScaleSettings,
  reason: ScaleReason,
): { readonly target: number; readonly trace: ScaleTrace } => {
  const { replicas, ...need } = needOf(state, sample, settings);
  const { believedTokensPerS, expectedTokensPerS } = need;
  const trace = { reason, believedTokensPerS, expectedTokensPerS };
  if (believedTokensPerS === 0) {
    // No number of instances keeps the SLO: what is there stays.
    const target = bounded(state.target, settings);
    const kept = { wanted: target, keptUpTo: target, limitedBy: 'capacity' as const };
    return { target, trace: { ...trace, ...kept } };
  }
  const lately = greatestMean(state.loads, settings.loadWindowMs);
  const wanted = Math.max(need.wanted, hiddenNeed(state, sample, settings));
  const keptUpTo = Math.max(
    wanted,
    replicas(lately * (1 + settings.downMarginShare)),
    isNew(state, sample, settings) ? state.target : 0,
  );
  const { target, limitedBy } = limit(state.target, { wanted, keptUpTo }, sample, settings);
  return { target, trace: { ...trace, wanted, keptUpTo, limitedBy } };
};

/** A pool whose load takes up this share of it has little left. */
const fullShare = 0.9;
/** By how much more it is then, at least by one. */
const hiddenShare = 0.1;

/**
 * Who is late while all that is there is taken up has more to do than the load says: what waits is not in a load that is seen by what was
 * worked through, and has to be made up for besides in any.
 */
const hiddenNeed = (state: ScaleState, sample: ScaleSample, settings: ScaleSettings): number => {
  const { target, trust } = state;
  if (!isMissed(sample, settings) || sample.ready < target) return 0;
  const used = instancesFor(lastMean(state, settings.loadWindowMs), trust, sample);
  return used < fullShare * sample.ready ? 0 : target + Math.ceil(hiddenShare * target);
};

/** Nothing is given up before the loads of the last while are known. */
const isNew = (
  { firstAtMs = Infinity }: ScaleState,
  { atMs }: ScaleSample,
  { downWindowMs }: ScaleSettings,
): boolean => atMs - firstAtMs < downWindowMs;

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
