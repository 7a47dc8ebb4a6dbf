import type { LoadMark, ScaleSample, ScaleSettings, ScaleState } from './contract.ts';

/** A window of the load is remembered in so many parts. */
const partsEach = 4;
/** However long the time is for which loads are remembered. */
const marksMax = 256;

export const loadOf = ({ loadTokensPerS }: ScaleSample): number =>
  loadTokensPerS > 0 && Number.isFinite(loadTokensPerS) ? loadTokensPerS : 0;

/** The loads of the last while with one more. */
export const markLoad = (
  { loads, sampledAtMs }: Pick<ScaleState, 'loads' | 'sampledAtMs'>,
  sample: ScaleSample,
  { loadWindowMs, downWindowMs }: ScaleSettings,
): readonly LoadMark[] => {
  const rememberedMs = Math.max(downWindowMs, loadWindowMs);
  const partMs = Math.max(loadWindowMs / partsEach, rememberedMs / marksMax);
  const tokensPerS = loadOf(sample);
  const spanMs = Math.max(1, sample.atMs - (sampledAtMs ?? sample.atMs - partMs));
  const kept = loads.filter(({ fromMs }) => fromMs + partMs > sample.atMs - rememberedMs);
  const newest = kept.at(-1);
  if (newest === undefined || sample.atMs >= newest.fromMs + partMs) {
    return [...kept, { fromMs: sample.atMs, spanMs, tokensPerS }];
  }
  const both = newest.spanMs + spanMs;
  const sum = newest.tokensPerS * newest.spanMs + tokensPerS * spanMs;
  return [...kept.slice(0, -1), { ...newest, spanMs: both, tokensPerS: sum / both }];
};

/** The mean load of so long before the mark `at`, it included. */
export const meanBefore = (loads: readonly LoadMark[], at: number, windowMs: number): number => {
  const last = loads[at];
  if (last === undefined) return 0;
  let [span, sum] = [0, 0];
  for (let each = at; each >= 0; each -= 1) {
    const { fromMs, spanMs, tokensPerS } = loads[each] ?? last;
    if (fromMs <= last.fromMs - windowMs) break;
    span += spanMs;
    sum += spanMs * tokensPerS;
  }
  return sum / span;
};

/** The greatest of the means of all windows that are remembered. */
export const greatestMean = (loads: readonly LoadMark[], windowMs: number): number =>
  loads.reduce((most, _, at) => Math.max(most, meanBefore(loads, at, windowMs)), 0);

/** By how much the load grew a millisecond, from the rest of what is remembered to the last window; never below 0. */
export const growthOf = (loads: readonly LoadMark[], windowMs: number): number => {
  const last = loads.at(-1);
  if (last === undefined) return 0;
  const from = loads.findLastIndex(({ fromMs }) => fromMs <= last.fromMs - windowMs);
  const before = loads[from];
  const first = loads[0];
  if (before === undefined || first === undefined) return 0;
  const earlier = meanBefore(loads, from, Infinity);
  const middleMs = (first.fromMs + before.fromMs) / 2;
  const apartMs = last.fromMs - windowMs / 2 - middleMs;
  const growth = meanBefore(loads, loads.length - 1, windowMs) - earlier;
  return apartMs > 0 ? Math.max(0, growth / apartMs) : 0;
};
