import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import { median, round } from '../../report/percentiles.ts';
import { type Figures, say } from '../../report/result.ts';
import type { FollowResult, FollowTask } from './follow-traffic.ts';
import type { SimParameters } from './parameters.ts';

export interface SimFollowing {
  readonly figures: Figures;
  readonly results: readonly FollowResult[];
}

/** All traffics from all seeds; without a folder of data they are drawn. */
export const measureSim = async (
  { traffics, seeds, ...parameters }: SimParameters,
  folder: string | undefined,
): Promise<SimFollowing> => {
  const threads = availableParallelism();
  const filename = new URL('follow-traffic.js', import.meta.url).href;
  const pool = new Tinypool({ filename, minThreads: threads, maxThreads: threads });
  // Those that take longest go first.
  const tasks = traffics.toReversed().flatMap((traffic) =>
    seeds.map((seed): FollowTask => ({
      ...{ parameters, traffic, seed },
      ...(folder !== undefined && { folder }),
    })),
  );
  try {
    const results = await Promise.all(
      tasks.map(async (task) => {
        const result = (await pool.run(task, { name: 'followTraffic' })) as FollowResult;
        say(lineOf(result));
        return result;
      }),
    );
    const figures = traffics.map(({ name }) =>
      figuresOf(
        name,
        results.filter((result) => result.name === name),
      ),
    );
    return { figures: Object.assign({}, ...figures) as Figures, results };
  } finally {
    await pool.destroy();
  }
};

export const changeOf = ({ scaled, fixed }: FollowResult): number =>
  scaled.instanceHours / fixed.instanceHours - 1;

const lineOf = (result: FollowResult): string => {
  const { name, seed, scaled, fixed } = result;
  const sizes = Object.entries(fixed.counts).map(([role, count]) => `${count} ${role}`);
  const part = (value: number): string => `${(100 * value).toFixed(2)} %`;
  return [
    `${name}, seed ${seed}: follows ${scaled.instanceHours.toFixed(1)} instance-hours`,
    `(${part(scaled.attainment)} in time), fixed ${fixed.instanceHours.toFixed(1)}`,
    `(${part(fixed.attainment)}; ${sizes.join(', ')}): ${part(changeOf(result))}`,
  ].join(' ');
};

/** Of one traffic: medians over the seeds, and the worst of the shares in time. */
export const figuresOf = (name: string, results: readonly FollowResult[]): Figures => {
  const least = (of: (result: FollowResult) => number): number =>
    Math.floor(1e4 * Math.min(...results.map(of))) / 1e4;
  return {
    [`instance_hours_change_${name}`]: round(median(results.map(changeOf))),
    [`instance_hours_change_worst_${name}`]: round(Math.max(...results.map(changeOf))),
    [`attainment_${name}`]: least(({ scaled }) => scaled.attainment),
    [`attainment_fixed_${name}`]: least(({ fixed }) => fixed.attainment),
    [`instance_hours_${name}`]: round(median(results.map(({ scaled }) => scaled.instanceHours))),
    [`instance_hours_fixed_${name}`]: round(
      median(results.map(({ fixed }) => fixed.instanceHours)),
    ),
  };
};
