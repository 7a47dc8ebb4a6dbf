import type { ModelProfile } from '@isotherm/kernel';
import { stageCosts } from '@isotherm/kernel';
import { entryOf, type PoolSpec, type Traffic } from './run-arm.ts';

/** Stages that share instances, in each of the ways that are compared. */
export type Shape = 'monolith' | 'image-text' | 'three-stages';

/** Means of the requests, as `multimodalArrivals` draws them. */
const meanText = 1300;
const meanAnswer = 160;
/** Pictures of a request that has some, none counting beyond 16. */
const meanImages = 4.5;
/** Sequences that decode together in an instance that has enough to do. */
const decodeBatch = 32;

const sizes = {
  monolith: [[1], [2], [4], [8]],
  'image-text': [1, 2].flatMap((encode) => [1, 2, 4, 8].map((text) => [encode, text])),
  'three-stages': [1, 2].flatMap((encode) => [1, 2, 4].map((prefill) => [encode, prefill, 1])),
} as const satisfies Readonly<Record<Shape, readonly (readonly number[])[]>>;

export const gpusOf = (profile: ModelProfile, { stages, count }: PoolSpec): number =>
  count * Math.max(...stages.map((name) => entryOf(profile, name).gpus));

/** Pools of a shape with instances of these sizes; the counts are to be found. */
const poolsOf = (shape: Shape, [a = 1, b = 1, c = 1]: readonly number[]): readonly PoolSpec[] => {
  switch (shape) {
    case 'monolith':
      return [{ role: 'whole', stages: [`encode-${a}`, `prefill-${a}`, `decode-${a}`], count: 1 }];
    case 'image-text':
      // The encoder's costs stand by for pictures that a request's text instance encodes.
      return [
        { role: 'encode', stages: [`encode-${a}`], count: 1 },
        { role: 'text', stages: [`prefill-${b}`, `decode-${b}`, `encode-${b}`], count: 1 },
      ];
    case 'three-stages':
      return [
        { role: 'encode', stages: [`encode-${a}`], count: 1 },
        { role: 'prefill', stages: [`prefill-${b}`, `encode-${b}`], count: 1 },
        { role: 'decode', stages: [`decode-${c}`], count: 1 },
      ];
    default:
      return shape satisfies never;
  }
};

/** Time that a mean request takes of an instance of a pool, in milliseconds: from the profile alone. */
const busyMs = (profile: ModelProfile, { role, stages }: PoolSpec, traffic: Traffic): number => {
  const images = traffic.imageShare * Math.min(meanImages, traffic.imagesMax);
  const { imageTokens } = profile.shape;
  const costs = stages.map((name) => stageCosts(entryOf(profile, name)));
  const of = (stage: string) => costs.find((cost) => cost.profile.stage === stage);
  const encode = images * (of('encode')?.latencyMs(1, imageTokens) ?? 0);
  const share = entryOf(profile, 'prefill-4').mediaTokenShare ?? 1;
  const tokens = meanText + images * imageTokens * share;
  const prefill = of('prefill')?.latencyMs(1, tokens) ?? 0;
  const step = of('decode')?.latencyMs(decodeBatch, tokens) ?? 0;
  const decode = (meanAnswer * step) / decodeBatch;
  const own = role === 'encode' || role === 'whole' ? encode : 0;
  return own + prefill + decode;
};

/** Instances in proportion to the work of each pool, on so many GPUs in all; at least one of each. */
const split = (
  profile: ModelProfile,
  pools: readonly PoolSpec[],
  traffic: Traffic,
  gpus: number,
): readonly PoolSpec[] => {
  const sizesOf = pools.map((pool) => gpusOf(profile, { ...pool, count: 1 }));
  const work = pools.map((pool, at) => busyMs(profile, pool, traffic) * (sizesOf[at] ?? 1));
  const total = work.reduce((sum, each) => sum + each, 0);
  const counts = pools.map((_, at) =>
    Math.max(1, Math.floor((gpus * (work[at] ?? 0)) / total / (sizesOf[at] ?? 1))),
  );
  // What is left over goes to the last pool that can use it.
  const left = gpus - counts.reduce((sum, count, at) => sum + count * (sizesOf[at] ?? 1), 0);
  const at = sizesOf.findLastIndex((size) => size <= left);
  if (at >= 0) counts[at] = (counts[at] ?? 1) + Math.floor(left / (sizesOf[at] ?? 1));
  return pools.map((pool, index) => ({ ...pool, count: counts[index] ?? 1 }));
};

/** Where a search for the best layout of a shape begins: one for each choice of sizes. */
export const startLayouts = (
  profile: ModelProfile,
  shape: Shape,
  traffic: Traffic,
  gpus: number,
): readonly (readonly PoolSpec[])[] =>
  sizes[shape].map((choice) => split(profile, poolsOf(shape, choice), traffic, gpus));

/** Layouts in which about so many GPUs have gone from one pool to another. */
export const neighbours = (
  profile: ModelProfile,
  pools: readonly PoolSpec[],
  gpus: number,
  moved: number,
): readonly (readonly PoolSpec[])[] => {
  const sizesOf = pools.map((pool) => gpusOf(profile, { ...pool, count: 1 }));
  const moves = pools.flatMap((_, from) =>
    pools.flatMap((__, to) => (from === to ? [] : [{ from, to }])),
  );
  return moves.flatMap(({ from, to }) => {
    const counts = pools.map(({ count }) => count);
    const [fromSize, toSize] = [sizesOf[from] ?? 1, sizesOf[to] ?? 1];
    counts[from] = (counts[from] ?? 1) - Math.ceil(moved / fromSize);
    const used = counts.reduce((sum, count, at) => sum + count * (sizesOf[at] ?? 1), 0);
    counts[to] = (counts[to] ?? 1) + Math.floor((gpus - used) / toSize);
    if (counts.some((count) => count < 1) || counts[to] === pools[to]?.count) return [];
    return [pools.map((pool, at) => ({ ...pool, count: counts[at] ?? 1 }))];
  });
};

/** As in `48 encode-1 + 20 text-4`. */
export const layoutText = (profile: ModelProfile, pools: readonly PoolSpec[]): string =>
  pools
    .map((pool) => `${pool.count} ${pool.role}-${gpusOf(profile, { ...pool, count: 1 })}`)
    .join(' + ');
