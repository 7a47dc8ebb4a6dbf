/**
 * What decoupling the stages of a multimodal model gives: the experiment of the ModServe study (SoCC 2025, arXiv 2502.00937) on 128
 * simulated A100s, for a model with cross-attention (Llama 3.2 Vision 11B) and a decoder-only one (InternVL-2.5 26B), on the derived
 * profiles of deploy/profiles/study. Nothing is served: packages/simulator runs the policies of packages/policy.
 *
 * Requests are drawn by the published quantiles of Azure's multimodal trace, 48 % of them with 1 to 16 pictures, in bursts (squared
 * variation of the gaps 2). A rate is kept when 99 of 100 requests have their first token, and their mean time a token, within
 * `slo_times` what they take alone on the study's instance (4 GPUs for all of it). The highest such rate is found by bisection.
 *
 * Arms, each with the layout of the 128 GPUs that bears the highest rate (found from the profile and by simulation, for the monolith
 * too: sizes of instances, and how many of each):
 * - `monolith`: whole models; pictures, prompts and answers in one instance, one waiting for the other; first come, each in turn.
 * - `routed-monolith`: the same with all of ours that it can have: shortest first, no batch where it brings nothing, and the instance with
 *   the fewest tokens pending.
 * - `decoupled`: encoders, and instances for text; first come, each in turn. `scheduling`: shortest first, no batch where it brings
 *   nothing. `routing`: by tokens pending.
 * - `prefill-apart`: prompts and answers apart too. `colocation`: and a request with few pictures has them encoded where its
 *   prompt is run (`encodesBesidePrefill`), with a layout of its own; how few is chosen by simulation.
 *
 * Few pictures (5 % of requests with one): where decoupling loses. The layout for many pictures stays; the decider leaves pictures to who
 * runs prompts; or the layout is what `planLayout` comes to. Then a mix that goes over from many to few while instances follow it or not.
 *
 * Figures: `throughput_ratio_*`: the last arm ÷ `monolith`, medians of the seeds. `throughput_ratio_routed_*`: ÷ `routed-monolith`, what is
 * left when the monolith is routed as well. `few_images_ratio_*`: `prefill-apart` ÷ `routed-monolith` where few pictures come;
 * `few_images_ratio_relaid_*`: the same laid out anew. `throughput_ratio_study_*`: the study's own static layouts, both routed.
 * `gpu_hours_change_*`: a day of bursty traffic (drawn, compressed to `day.hours`, on `day.part` of the fleet), with instances that follow
 * the load (packages/policy's autoscaler in the simulator): the last arm's GPU-hours ÷ those of `routed-monolith`, less 1, each the
 * fewest with which 99 of 100 requests were in time, of several capacities to reckon with; null where one of them never was.
 * `gpu_hours_scaled_change_*`: the last arm scaled ÷ the smallest fixed size of it, of several.
 * Raw result: bench/results/modserve.json.
 *
 * Usage: npm run bench -- modserve [--quick]
 */
import { parseArgs } from 'node:util';
import { encoderArms, ladder, type Layouts, ladderSteps, studyArms } from './modserve/ladder.ts';
import { gpusOf, layoutText, type Shape } from './modserve/layouts.ts';
import { busyOf, type Design } from './modserve/relayout.ts';
import type { ArmSpec, PointResult } from './modserve/run-arm.ts';
import { createThreadPool } from './modserve/thread-pool.ts';
import { fewImages } from './modserve/few-images.ts';
import { highestRateOf, type RateOptions } from './modserve/highest-rate-of.ts';
import { environment } from './report/environment.ts';
import { round } from './report/percentiles.ts';
import { type Figures, report, say } from './report/result.ts';
import { studyProfile } from './simulator/fleet.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const { quick } = values;
const measuredOn = environment();

const settings = {
  ...{ gpus: 128, sloTimes: 5, otherSloTimes: quick ? [] : [3, 10] },
  traffic: { imageShare: 0.48, imagesMax: 16, burstiness: 2 },
  fewImages: { imageShare: 0.05, imagesMax: 1, burstiness: 2 },
  ...{ searchRequests: quick ? 1200 : 5000, requests: quick ? 2000 : 12_000 },
  otherSearchRequests: 2500,
  /** Pictures of a request that are encoded beside its prompt, each with a layout of its own. */
  colocatedImages: quick ? [1] : [1, 4],
  shift: {
    minutes: quick ? { before: 4, between: 2, after: 4 } : { before: 10, between: 10, after: 15 },
    part: quick ? 0.125 : 0.5,
  },
  seeds: quick ? [11] : [11, 12, 13],
  /** The mean of the day is this share of what the monolith bears. */
  day: {
    ...{
      hours: quick ? 0.5 : 3,
      part: 0.25,
      load: 0.33,
      scaled: quick ? [1, 0.7] : [2, 1.5, 1.2, 0.9, 0.6],
    },
    fixed: quick ? [1, 0.7] : [1, 0.85, 0.7, 0.6, 0.5],
  },
  /** Loads of the ablation, as shares of what the monolith bears. */
  loads: quick ? [1] : [1, 2],
};

/**
 * Where searches begin, in requests a second, and how many times as many requests they simulate: at hundreds a second a few thousand are over
 * before the longest answers are, and layouts come out with too little for decoding.
 */
const models = {
  cross_attention: { profile: 'llama-3.2-vision-11b', from: 100, searchTimes: 2.4 },
  decoder_only: { profile: 'internvl-2.5-26b', from: 15, searchTimes: 1 },
} as const;
type ModelName = keyof typeof models;

const pool = createThreadPool();
const plain = { order: 'first-come', routing: 'in-turn', batches: 'profile' } as const;
const routed = { order: 'short-first', routing: 'policy', batches: 'worth' } as const;

const rateOf = (
  profile: string,
  arm: ArmSpec,
  from: number,
  options: Partial<RateOptions> = {},
) => {
  const { traffic, sloTimes, requests, seeds } = settings;
  return highestRateOf(pool, profile, arm, {
    ...{ traffic, sloTimes, requests, seeds, ...options },
    from,
  });
};

const layoutsOf = async (
  { profile, from, searchTimes }: (typeof models)[ModelName],
  sloTimes: number,
) => {
  const isOther = sloTimes !== settings.sloTimes;
  const search = async (shape: Shape, rules: Omit<ArmSpec, 'pools'>) => {
    const { gpus, traffic } = settings;
    const usual = isOther ? settings.otherSearchRequests : settings.searchRequests;
    const requests = Math.round(searchTimes * usual);
    const found = await pool.run({
      kind: 'layout',
      search: { ...{ profile, shape, gpus, rules, traffic, sloTimes, requests, from } },
    });
    const text = layoutText(studyProfile(profile), found.pools);
    const { routing, order, colocateTokensMax = 0 } = rules;
    const rule = `${sloTimes} times, ${routing}, ${order}, ${colocateTokensMax} tokens colocated`;
    say(`${profile}: ${shape} (${rule}): ${text}, ${found.requestsPerS.toFixed(1)}/s`);
    return { ...found, text, colocateTokensMax };
  };
  const { imageTokens } = studyProfile(profile).shape;
  const [monolith, routedMonolith, threeStages, imageText, colocated] = await Promise.all([
    search('monolith', plain),
    search('monolith', routed),
    search('three-stages', routed),
    isOther ? undefined : search('image-text', routed),
    Promise.all(
      (isOther ? [] : settings.colocatedImages).map((images) =>
        search('three-stages', { ...routed, colocateTokensMax: images * imageTokens }),
      ),
    ),
  ]);
  return { monolith, routedMonolith, threeStages, imageText: imageText ?? threeStages, colocated };
};

/** The layout with as many pictures encoded beside prompts as bears most, by runs that chose none of them; maybe that with none. */
const colocationOf = async (
  profile: string,
  { threeStages, colocated }: Awaited<ReturnType<typeof layoutsOf>>,
) => {
  const all = await Promise.all(
    [threeStages, ...colocated].map(async ({ pools, text, colocateTokensMax, requestsPerS }) => {
      const arm = { ...routed, pools, colocateTokensMax };
      const measured = await rateOf(profile, arm, requestsPerS, { seeds: [2] });
      return { pools, text, colocateTokensMax, requestsPerS: measured.requestsPerS };
    }),
  );
  return all.toSorted((a, b) => b.requestsPerS - a.requestsPerS);
};

/** The ratios with other factors of the SLO, each with layouts of its own: by the rates that the searches end with. */
const otherSlosOf = (model: (typeof models)[ModelName]) =>
  Promise.all(
    settings.otherSloTimes.map(async (sloTimes) => {
      const found = await layoutsOf(model, sloTimes);
      return { sloTimes, ...found };
    }),
  );

const pointAt = (profile: string, arm: ArmSpec, requestsPerS: number): Promise<PointResult> => {
  const { traffic, sloTimes, requests } = settings;
  const spec = { profile, arm, traffic, sloTimes, requests, seed: 21, requestsPerS };
  return pool.run({ kind: 'point', spec });
};

/** The day on an arm, with instances that follow the load and with fixed ones. */
const dayOf = async (profile: string, arm: ArmSpec, requestsPerS: number, bearsPerS: number) => {
  const { hours, part, scaled, fixed } = settings.day;
  const { traffic, sloTimes } = settings;
  const pools = arm.pools.map((each) => ({
    ...each,
    count: Math.max(1, Math.round(each.count * part)),
  }));
  const search = {
    ...{ profile, arm: { ...arm, pools }, traffic, sloTimes, hours, seed: 31 },
    ...{ requestsPerS: part * requestsPerS, bearsPerS: part * bearsPerS },
  };
  const [following, still] = await Promise.all([
    pool.run({ kind: 'day', search: { ...search, kind: 'scaled', shares: scaled } }),
    pool.run({ kind: 'day', search: { ...search, kind: 'fixed', shares: fixed } }),
  ]);
  const hoursOf = ({ best }: typeof following) => best?.gpuHours.toFixed(0) ?? 'no';
  say(`${profile}: a day: ${hoursOf(following)} GPU-hours scaled, ${hoursOf(still)} fixed`);
  return { scaled: following, fixed: still };
};

/** Share of each pool's instances that the highest rate keeps busy. */
const busySharesOf = (design: Design, requestsPerS: number): readonly number[] => {
  const busy = busyOf(design, design.traffic, requestsPerS);
  return design.pools.map(({ count }, at) => round((busy[at] ?? 0) / count));
};

const changeOf = (now: number | undefined, before: number | undefined): number | null =>
  now === undefined || before === undefined ? null : round(now / before - 1);

/** All of one model. */
const measure = async (name: ModelName) => {
  const { profile } = models[name];
  const found = await layoutsOf(models[name], settings.sloTimes);
  const colocation = await colocationOf(profile, found);
  const [colocated = { pools: found.threeStages.pools, colocateTokensMax: 0 }] = colocation;
  const layouts: Layouts = {
    monolith: found.monolith.pools,
    routedMonolith: found.routedMonolith.pools,
    imageText: found.imageText.pools,
    threeStages: found.threeStages.pools,
    colocated: colocated.pools,
  };
  const arms = ladder(layouts, colocated.colocateTokensMax);
  const startOf = (step: (typeof ladderSteps)[number]): number =>
    step === 'monolith' ? found.monolith.requestsPerS : found.imageText.requestsPerS;
  const rates = Object.fromEntries(
    await Promise.all(
      ladderSteps.map(
        async (step) => [step, await rateOf(profile, arms[step], startOf(step))] as const,
      ),
    ),
  );
  const rate = (step: (typeof ladderSteps)[number]): number => rates[step]?.requestsPerS ?? 0;
  for (const step of ladderSteps) say(`${profile}: ${step}: ${rate(step).toFixed(1)} requests/s`);
  const ablation = await Promise.all(
    settings.loads.flatMap((load) =>
      ladderSteps.map(async (step) => ({
        ...{ load, step },
        ...(await pointAt(profile, arms[step], load * rate('monolith'))),
      })),
    ),
  );
  const oneSeed = { seeds: settings.seeds.slice(0, 1) };
  const otherSlos = await otherSlosOf(models[name]);
  const others = async (
    set: Readonly<Record<string, ArmSpec>>,
    options: Parameters<typeof rateOf>[3],
  ) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(set).map(
          async ([key, arm]) =>
            [key, await rateOf(profile, arm, rate('monolith'), options)] as const,
        ),
      ),
    );
  const study = await others(studyArms, oneSeed);
  const encoders = await others(encoderArms, oneSeed);
  const { traffic: usual, fewImages: few, sloTimes, requests } = settings;
  const fewer = await fewImages(pool, {
    ...{ profile, sloTimes, usual, few, seed: 41, ...settings.shift },
    rates: { requests, ...oneSeed },
    arms: {
      monolith: arms['routed-monolith'],
      imageText: arms.routing,
      threeStages: arms['prefill-apart'],
    },
    bears: {
      monolith: rate('routed-monolith'),
      imageText: rate('routing'),
      threeStages: rate('prefill-apart'),
    },
  });
  for (const [key, each] of Object.entries({ ...study, ...encoders })) {
    say(`${profile}: ${key}: ${each.requestsPerS.toFixed(1)} requests/s`);
  }
  for (const [key, each] of Object.entries(fewer.rates)) {
    say(`${profile}: few pictures: ${key}: ${each.requestsPerS.toFixed(1)} requests/s`);
  }
  for (const [key, { attainment }] of Object.entries(fewer.shift)) {
    say(`${profile}: over to few pictures: ${key}: ${attainment.toFixed(4)} in time`);
  }
  const last = rate('colocation');
  const load = settings.day.load * rate('routed-monolith');
  const [wholeDay, apartDay] = await Promise.all([
    dayOf(profile, arms['routed-monolith'], load, rate('routed-monolith')),
    dayOf(profile, arms.colocation, load, last),
  ]);
  const figures: Figures = {
    [`throughput_ratio_${name}`]: round(last / rate('monolith')),
    [`throughput_ratio_routed_${name}`]: round(last / rate('routed-monolith')),
    [`throughput_ratio_study_${name}`]: round(
      (study['study-decoupled']?.requestsPerS ?? 0) /
        (study['study-routed-monolith']?.requestsPerS ?? Number.NaN),
    ),
    [`few_images_ratio_${name}`]: round(
      fewer.rates['three-stages'].requestsPerS / fewer.rates['routed-monolith'].requestsPerS,
    ),
    [`few_images_ratio_relaid_${name}`]: round(
      fewer.rates['three-stages-relaid'].requestsPerS / fewer.rates['routed-monolith'].requestsPerS,
    ),
    [`gpu_hours_change_${name}`]: changeOf(
      apartDay.scaled.best?.gpuHours,
      wholeDay.scaled.best?.gpuHours,
    ),
    [`gpu_hours_scaled_change_${name}`]: changeOf(
      apartDay.scaled.best?.gpuHours,
      apartDay.fixed.best?.gpuHours,
    ),
  };
  const used = found.threeStages.pools.reduce(
    (sum, each) => sum + gpusOf(studyProfile(profile), each),
    0,
  );
  return {
    figures,
    raw: {
      profile,
      used,
      layouts: found,
      colocation,
      rates,
      ablation,
      otherSlos,
      study,
      encoders,
      fewImages: fewer,
      busy: busySharesOf(
        {
          ...{
            profile: studyProfile(profile),
            pools: layouts.threeStages,
            traffic: usual,
            sloTimes,
          },
          bearsPerS: 0,
        },
        rate('prefill-apart'),
      ),
      day: { wholeDay, apartDay },
    },
  };
};

const results = await Promise.all((['cross_attention', 'decoder_only'] as const).map(measure));
await pool.close();
await report(
  'modserve',
  quick,
  Object.assign({}, ...results.map(({ figures }) => figures)) as Figures,
  { ...measuredOn, settings, models: results.map(({ raw }) => raw) },
);
