import { seededRandom } from '@isotherm/kernel';
import { percentile, summarize, type Summary } from '../report/percentiles.ts';
import { say } from '../report/result.ts';
import { createClassDriver, type Driven } from './drive-classes.ts';
import { offeredLoad } from './offered-load.ts';
import { overloadBody, type OverloadShape, startOverloadStack } from './overload-stack.ts';

export interface FairnessParameters extends OverloadShape {
  /** Times that both loads are driven, in turn, and for how long each. */
  readonly rounds: number;
  readonly roundMs: number;
  readonly seed: number;
}

export interface Fairness {
  /** The steady tenant's times to the first token while the other keeps to its share, and while it sends ten times that. */
  readonly beside: Summary;
  readonly flooded: Summary;
  readonly p99Ratio: number;
  readonly p90Ratio: number;
  /** Requests of the steady tenant that were not answered. */
  readonly steadyLost: number;
  readonly floodAnswered: number;
  readonly floodRefused: number;
}

/** Two tenants of the same weight: half of the fleet is each one's share. The steady one uses half of its own. */
export const measureFairness = async (
  redisUrl: string,
  parameters: FairnessParameters,
): Promise<Fairness> => {
  const { promptMs, rounds, roundMs, seed } = parameters;
  const stack = await startOverloadStack(redisUrl, 'fairness', parameters);
  const driver = createClassDriver(stack.http, overloadBody(parameters));
  const capacityPerS = 1000 / promptMs;
  const share = capacityPerS / 2;
  const random = seededRandom(seed);
  const offersOf = (floodPerS: number) => [
    { tenant: 'steady', sloClass: 'standard' as const, perS: share / 2 },
    { tenant: 'flood', sloClass: 'standard' as const, perS: floodPerS },
  ];
  try {
    await driver.closed({ tenant: 'steady', sloClass: 'standard', perS: 0 }, 8, 1_000);
    const beside: Driven[] = [];
    const flooded: Driven[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const [times, all] of [[1, beside] as const, [10, flooded] as const]) {
        const arrivals = offeredLoad(offersOf(times * share), roundMs, random);
        all.push(...(await driver.open(arrivals, roundMs)));
      }
      say(`fairness: round ${round + 1} of ${rounds}`);
    }
    return fairnessOf(beside, flooded);
  } finally {
    driver.close();
    await stack.stop();
  }
};

const fairnessOf = (beside: readonly Driven[], flooded: readonly Driven[]): Fairness => {
  const of = (driven: readonly Driven[], tenant: string): readonly Driven[] =>
    driven.filter(({ offer }) => offer.tenant === tenant);
  const kinds = (driven: readonly Driven[], kind: string): number =>
    driven.filter(({ outcome }) => outcome.kind === kind).length;
  const firsts = (driven: readonly Driven[]): readonly number[] =>
    driven.flatMap(({ outcome }) => (outcome.kind === 'answered' ? [outcome.firstMs] : []));
  const steady = [beside, flooded].map((driven) => of(driven, 'steady'));
  const [before = [], after = []] = steady.map(firsts);
  const ratio = (part: number): number => percentile(after, part) / percentile(before, part);
  const lost = steady.flat().length - before.length - after.length;
  const flood = of(flooded, 'flood');
  return {
    ...{ beside: summarize(before), flooded: summarize(after) },
    ...{ p99Ratio: ratio(0.99), p90Ratio: ratio(0.9), steadyLost: lost },
    ...{ floodAnswered: kinds(flood, 'answered'), floodRefused: kinds(flood, 'refused') },
  };
};
