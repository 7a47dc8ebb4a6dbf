import {
  type Arrival,
  type Deployment,
  type Pool,
  profileCost,
  runExperiment,
} from '@isotherm/simulator';
import { stageOf } from '@isotherm/stack';
import { type Counts, type LiveModel, type LiveService, liveServices } from './live-profile.ts';

/** A fixed size, and what the simulator says of it. */
export interface FixedSize {
  readonly counts: Counts;
  readonly attainment: number;
}

export const totalOf = (counts: Counts): number =>
  liveServices.reduce((sum, service) => sum + counts[service], 0);

const afterMs = 60_000;

/** Larger by so many instances than the smallest that keeps the SLO, no size is looked at any more. */
const beyondMax = 2;

/** Sizes around the smallest that keeps a share, with the share of the requests that the simulator has in time, the smallest first; the best of each first. */
export const fixedSizes = (
  model: LiveModel,
  requests: readonly Arrival[],
  { replicasMax, attainmentMin }: { readonly replicasMax: number; readonly attainmentMin: number },
): readonly FixedSize[] => {
  const numbers = Array.from({ length: replicasMax }, (_, index) => index + 1);
  const all = numbers
    .flatMap((encoder) =>
      numbers.flatMap((prefill) => [1, 2].map((decode): Counts => ({ encoder, prefill, decode }))),
    )
    // What the mean load is too much for only piles up.
    .filter((counts) => liveServices.every((service) => counts[service] >= model.busy[service]))
    .toSorted((a, b) => totalOf(a) - totalOf(b));
  const sizes: FixedSize[] = [];
  let enough = Number.POSITIVE_INFINITY;
  for (const counts of all) {
    if (totalOf(counts) > enough + beyondMax) break;
    const attainment = simulated(model, requests, counts);
    sizes.push({ counts, attainment });
    if (attainment >= attainmentMin) enough = Math.min(enough, totalOf(counts));
  }
  return sizes.toSorted(
    (a, b) => totalOf(a.counts) - totalOf(b.counts) || b.attainment - a.attainment,
  );
};

const simulated = (model: LiveModel, requests: readonly Arrival[], counts: Counts): number => {
  const left = requests.values();
  const durationMs = (requests.at(-1)?.atMs ?? 0) + afterMs;
  const result = runExperiment({
    ...{ seed: 1, durationMs, warmUpMs: 0, routing: 'policy' },
    levers: { place: false, route: false, reconfigure: false },
    deployments: [
      { ...deploymentOf(model, counts), arrivals: () => ({ next: () => left.next().value }) },
    ],
  });
  const { withinSlo, arrived } = result.deployments[0]?.outcome ?? { withinSlo: 0, arrived: 1 };
  return withinSlo / arrived;
};

const deploymentOf = (
  { profile, entries, ttftMs, tokenMs }: LiveModel,
  counts: Counts,
): Deployment => {
  const poolOf = (service: LiveService): Pool => {
    const entry = entries[service];
    const { kvTokensMax } = entry;
    return {
      ...{ role: stageOf[service], count: counts[service], gpus: entry.gpus },
      costs: { [stageOf[service]]: profileCost(entry) },
      ...(kvTokensMax !== undefined && { kvTokensMax }),
    };
  };
  return {
    ...{ model: profile.name, reading: profile.reading, answerTokensExpected: 100 },
    ...{ mediaTokenShare: 1, pools: liveServices.map(poolOf), slo: { ttftMs, tbtMs: tokenMs } },
    transfer: { latencyMs: 5, embeddingMsPerToken: 0, kvMsPerToken: 0 },
  };
};
