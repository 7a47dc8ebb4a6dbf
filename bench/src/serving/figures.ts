import { round } from '../report/percentiles.ts';
import type { Figures } from '../report/result.ts';
import type { AblationResult } from './measure/ablations.ts';
import type { VariantResult } from './measure/measure-variant.ts';
import type { Both, CommonRate, ModelResult } from './measure/measure-model.ts';

/** What one model gave. */
export interface ModelFigures {
  readonly result: ModelResult;
  readonly variant: VariantResult | undefined;
  readonly ablations: readonly AblationResult[];
}

/** Isotherm ÷ monolith; null where there is nothing to divide by. */
export const ratioOf = ({ isotherm, monolith }: Both<number>): number | null =>
  monolith > 0 && Number.isFinite(isotherm) ? round(isotherm / monolith) : null;

const each = <Value>(both: Both<Value>, of: (value: Value) => number): Both<number> => ({
  isotherm: of(both.isotherm),
  monolith: of(both.monolith),
});

const commonOf = (result: ModelResult, name: string): CommonRate | undefined =>
  result.common.find(({ kind, arrivals }) => `${kind}, ${arrivals}` === name);

const unloadedOf = (
  { result }: ModelFigures,
  of: 'first' | 'perToken',
): Both<number> | undefined => {
  const one = result.unloaded[1];
  return one === undefined ? undefined : each(one, (latencies) => latencies[of].p50);
};

/** The figures that the bench is for: ratios, then what they were made of. */
export const servingFigures = (
  panel: ModelFigures | undefined,
  weighty: ModelFigures | undefined,
): Figures => {
  const repeated = weighty === undefined ? panel : weighty;
  const repeatedRun =
    repeated === undefined ? undefined : commonOf(repeated.result, 'repeated-images, poisson');
  return {
    goodput_ratio_panel: goodputRatio(panel),
    goodput_ratio_weighty: goodputRatio(weighty),
    throughput_ratio_weighty:
      weighty === undefined
        ? null
        : ratioOf(each(weighty.result.saturation, ({ requestsPerS }) => requestsPerS)),
    latency_batch1_ratio_weighty:
      weighty === undefined ? null : ratioOf(weighty.result.unloadedTotalMs),
    ttft_p99_ratio_weighty: ttftRatio(weighty, 'p99'),
    ...strictFigures('panel', panel),
    ...variantFigures('weighty', weighty),
    repeated_image_ttft_ratio:
      repeatedRun === undefined ? null : ratioOf(each(repeatedRun, ({ first }) => first.p50)),
    ...(panel === undefined ? {} : absolutes('panel', panel)),
    ...(weighty === undefined ? {} : absolutes('weighty', weighty)),
  };
};

const goodputRatio = (model: ModelFigures | undefined): number | null =>
  model === undefined
    ? null
    : ratioOf(each(model.result.goodputBursty, ({ requestsPerS }) => requestsPerS));

const rate = ({ requestsPerS }: { readonly requestsPerS: number }): number => requestsPerS;

/** With the harder share of requests in time. */
const strictFigures = (name: string, model: ModelFigures | undefined): Figures => {
  const goodput = model?.result.goodputStrict;
  return goodput === undefined
    ? {}
    : { [`goodput_strict_ratio_${name}`]: ratioOf(each(goodput, rate)) };
};

/** Both with the variant's weights; and Isotherm with them ÷ the monolith with the wider ones, its library's default. */
const variantFigures = (name: string, model: ModelFigures | undefined): Figures => {
  if (model?.variant === undefined) return {};
  const { result, variant } = model;
  const figures: Record<string, number | null> = {};
  for (const [figure, key] of [
    ['goodput', 'goodputBursty'],
    ['throughput', 'saturation'],
  ] as const) {
    const both = each<{ readonly requestsPerS: number }>(variant[key], rate);
    const monolith = rate(result[key].monolith);
    figures[`${figure}_ratio_${name}_${variant.name}`] = ratioOf(both);
    figures[`${figure}_ratio_${name}_${variant.name}_to_fp32`] = ratioOf({ ...both, monolith });
  }
  return figures;
};

const ttftRatio = (model: ModelFigures | undefined, share: 'p50' | 'p99'): number | null => {
  const run = model === undefined ? undefined : commonOf(model.result, 'mixed, bursty');
  return run === undefined ? null : ratioOf(each(run, ({ first }) => first[share]));
};

const absolutes = (name: string, model: ModelFigures): Figures => {
  const { result, ablations } = model;
  const figures: Record<string, number | null> = {};
  const put = (key: string, unit: string, both: Both<number> | undefined): void => {
    if (both === undefined) return;
    figures[`${key}_${name}_isotherm_${unit}`] = round(both.isotherm);
    figures[`${key}_${name}_monolith_${unit}`] = round(both.monolith);
  };
  put('goodput_bursty', 'requests_per_s', each(result.goodputBursty, rate));
  if (result.goodputPoisson !== undefined) {
    put('goodput_poisson', 'requests_per_s', each(result.goodputPoisson, rate));
  }
  put('saturated', 'requests_per_s', each(result.saturation, rate));
  put(
    'saturated',
    'tokens_per_s',
    each(result.saturation, ({ tokensPerS }) => tokensPerS),
  );
  put('unloaded_one_picture_ttft_p50', 'ms', unloadedOf(model, 'first'));
  put('unloaded_one_picture_tpot_p50', 'ms', unloadedOf(model, 'perToken'));
  for (const { kind, arrivals, ...both } of result.common) {
    const where = `${kind.replaceAll('-', '_')}_${arrivals}`;
    for (const share of ['p50', 'p99'] as const) {
      put(
        `${where}_ttft_${share}`,
        'ms',
        each(both, ({ first }) => first[share]),
      );
      put(
        `${where}_tpot_${share}`,
        'ms',
        each(both, ({ perToken }) => perToken[share]),
      );
    }
  }
  figures[`texts_identical_share_${name}`] = round(result.texts.identical / result.texts.compared);
  figures[`token_counts_identical_share_${name}`] = round(
    result.texts.sameTokens / result.texts.compared,
  );
  figures[`event_loop_delay_p99_${name}_ms`] = Math.max(
    ...Object.values(result.saturation.isotherm.loopDelayP99Ms),
  );
  figures[`failed_requests_${name}_isotherm`] =
    result.saturation.isotherm.failed +
    result.common.reduce((sum, run) => sum + run.isotherm.failed, 0);
  if (result.goodputStrict !== undefined) {
    put('goodput_strict', 'requests_per_s', each(result.goodputStrict, rate));
  }
  if (model.variant !== undefined) {
    const { name: variant, saturation, goodputBursty } = model.variant;
    put(`goodput_bursty_${variant}`, 'requests_per_s', each(goodputBursty, rate));
    put(`saturated_${variant}`, 'requests_per_s', each(saturation, rate));
  }
  for (const ablation of ablations) Object.assign(figures, ablationFigures(name, ablation));
  return figures;
};

/** With the mechanism ÷ without it. */
const ablationFigures = (name: string, ablation: AblationResult): Figures => {
  if (ablation.outcome === 'not available') return {};
  const { with: on, without: off } = ablation;
  const ratio = (isotherm: number, monolith: number): number | null =>
    ratioOf({ isotherm, monolith });
  const key = `ablation_${ablation.name}_${name}`;
  return {
    [`${key}_throughput_ratio`]: ratio(off.saturation.requestsPerS, on.saturation.requestsPerS),
    [`${key}_unloaded_ttft_ratio`]: ratio(off.firstMs, on.firstMs),
    [`${key}_unloaded_tpot_ratio`]: ratio(off.perTokenMs, on.perTokenMs),
  };
};
