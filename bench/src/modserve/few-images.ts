import { studyProfile } from '../simulator/fleet.ts';
import { highestRateOf, type RateOptions } from './highest-rate-of.ts';
import { layoutText } from './layouts.ts';
import { type Design, relaidPools } from './relayout.ts';
import type { ArmSpec, PoolSpec, Traffic } from './run-arm.ts';
import type { ShiftResult, ShiftSpec } from './run-shift.ts';
import type { ThreadPool } from './thread-pool.ts';

export interface FewImagesOptions {
  readonly profile: string;
  readonly sloTimes: number;
  readonly usual: Traffic;
  readonly few: Traffic;
  readonly rates: Omit<RateOptions, 'from' | 'traffic' | 'sloTimes'>;
  readonly seed: number;
  readonly minutes: ShiftSpec['minutes'];
  /** Part of the fleet that the mix shifts on. */
  readonly part: number;
  readonly arms: {
    readonly monolith: ArmSpec;
    readonly imageText: ArmSpec;
    readonly threeStages: ArmSpec;
  };
  /** What the arms bear of the usual traffic. */
  readonly bears: Readonly<Record<keyof FewImagesOptions['arms'], number>>;
}

/**
 * Where decoupling loses: few requests have a picture. Highest rates with the layout that is best for many pictures, with pictures
 * left to those who run prompts (the decider of packages/policy), and with the layout that its `planLayout` comes to; and a
 * mix that goes over from many pictures to few while instances follow it or do not, reloads and all.
 */
export const fewImages = async (threads: ThreadPool, options: FewImagesOptions) => {
  const { arms, bears, few } = options;
  const rateOf = (arm: ArmSpec, from: number) =>
    highestRateOf(threads, options.profile, arm, {
      ...{ ...options.rates, from, traffic: few, sloTimes: options.sloTimes },
    });
  const decided = (arm: ArmSpec): ArmSpec => ({
    ...arm,
    colocateTokensMax: Number.MAX_SAFE_INTEGER,
  });
  const monolith = await rateOf(arms.monolith, bears.monolith);
  const relaid = (of: 'imageText' | 'threeStages'): ArmSpec => ({
    ...arms[of],
    pools: relaidPools(designOf(options, of), few, monolith.requestsPerS),
  });
  const others = {
    'image-text': arms.imageText,
    'image-text-decided': decided(arms.imageText),
    'image-text-relaid': relaid('imageText'),
    'three-stages': arms.threeStages,
    'three-stages-decided': decided(arms.threeStages),
    'three-stages-relaid': relaid('threeStages'),
  };
  const rates = await Promise.all(
    Object.entries(others).map(async ([name, arm]) => [
      name,
      {
        ...(await rateOf(arm, monolith.requestsPerS)),
        layout: layoutText(studyProfile(options.profile), arm.pools),
      },
    ]),
  );
  const all = { 'routed-monolith': monolith, ...Object.fromEntries(rates) } as Readonly<
    Record<'routed-monolith' | keyof typeof others, typeof monolith>
  >;
  const shift = await shifts(threads, options, monolith.requestsPerS);
  return { rates: all, shift };
};

const designOf = (
  { profile, arms, usual, bears, sloTimes }: FewImagesOptions,
  of: 'imageText' | 'threeStages',
): Design => ({
  ...{ profile: studyProfile(profile), pools: arms[of].pools, traffic: usual, sloTimes },
  bearsPerS: bears[of],
});

/** Shares of what the monolith bears that the mix begins and ends with: it is never short of anything. */
const shiftLoad = { before: 0.6, after: 0.75 };

const shifts = async (threads: ThreadPool, options: FewImagesOptions, fewPerS: number) => {
  const { profile, arms, bears, usual, few, part, seed, sloTimes, minutes } = options;
  const partOf = (arm: ArmSpec): ArmSpec => ({ ...arm, pools: scaled(arm.pools, part) });
  const run = (arm: ArmSpec, followsFromPerS?: number): Promise<ShiftResult> =>
    threads.run({
      kind: 'shift',
      spec: {
        ...{ profile, arm: partOf(arm), sloTimes, seed, minutes },
        from: { traffic: usual, requestsPerS: part * shiftLoad.before * bears.monolith },
        to: { traffic: few, requestsPerS: part * shiftLoad.after * fewPerS },
        ...(followsFromPerS !== undefined && { followsFromPerS: part * followsFromPerS }),
      },
    });
  const [monolith, fixed, follows] = await Promise.all([
    run(arms.monolith),
    run(arms.threeStages),
    run(arms.threeStages, bears.threeStages),
  ]);
  return { monolith, fixed, follows };
};

/** The layout of so many fewer GPUs. */
const scaled = (pools: readonly PoolSpec[], part: number): readonly PoolSpec[] =>
  pools.map((pool) => ({ ...pool, count: Math.max(1, Math.round(pool.count * part)) }));
