import { seededRandom } from '@isotherm/kernel';
import type { SloClassName } from '@isotherm/policy';
import { summarize, type Summary } from '../report/percentiles.ts';
import { say } from '../report/result.ts';
import { type ClassDriver, createClassDriver, type Driven } from './drive-classes.ts';
import { type Offer, offeredLoad } from './offered-load.ts';
import { isGood, overloadBody, type OverloadShape, startOverloadStack } from './overload-stack.ts';

export interface OverloadParameters extends OverloadShape {
  /** Of what the fleet can answer. */
  readonly times: number;
  readonly peakMs: number;
  readonly overloadMs: number;
  readonly seed: number;
}

export interface Overload {
  /** Answers a second under a closed loop: all that the fleet can do. */
  readonly peakPerS: number;
  /** Answers within their class's promises, a second, under too much load; and as a share of the peak. */
  readonly goodPerS: number;
  readonly goodputShare: number;
  /** Of all interactive requests that were sent, those that were answered within their promises. */
  readonly interactiveAttainment: number;
  readonly refusalMs: Summary;
  readonly refusalP99Ms: number;
  /** From the end of the load until an interactive request was answered within its promises, in milliseconds. */
  readonly recoveryMs: number;
  readonly counts: Readonly<Record<SloClassName, ClassCount>>;
  readonly failures: readonly string[];
}

export interface ClassCount {
  readonly sent: number;
  readonly answered: number;
  readonly good: number;
  readonly refused: number;
  readonly failed: number;
  readonly firstMs: Summary;
}

/** Parts of the offered load: interactive work is half of what the fleet can do, batch half of all. */
const mix: readonly (Pick<Offer, 'sloClass'> & { readonly share: number })[] = [
  { sloClass: 'interactive', share: 1 / 6 },
  { sloClass: 'standard', share: 1 / 3 },
  { sloClass: 'batch', share: 1 / 2 },
];

const probe: Offer = { tenant: 'default', sloClass: 'interactive', perS: 0 };

export const measureOverload = async (
  redisUrl: string,
  parameters: OverloadParameters,
): Promise<Overload> => {
  const stack = await startOverloadStack(redisUrl, 'overload', parameters);
  const driver = createClassDriver(stack.http, overloadBody(parameters));
  try {
    const { peakMs, overloadMs, times, seed } = parameters;
    await driver.closed({ ...probe, sloClass: 'batch' }, 8, Math.min(2_000, peakMs));
    const peak = await driver.closed({ ...probe, sloClass: 'batch' }, 16, peakMs);
    const peakPerS = perS(
      peak.filter(({ outcome }) => outcome.kind === 'answered'),
      peakMs,
    );
    say(`peak ${peakPerS.toFixed(1)} answers/s; now ${times} times that`);
    const offers = mix.map(({ sloClass, share }) => ({
      ...{ tenant: 'default', sloClass },
      perS: share * times * peakPerS,
    }));
    const arrivals = offeredLoad(offers, overloadMs, seededRandom(seed));
    const overload = driver.open(arrivals, overloadMs);
    await new Promise((resolve) => setTimeout(resolve, overloadMs));
    const recoveryMs = await recover(driver);
    return { ...overloadOf(await overload, peakPerS, overloadMs), recoveryMs };
  } finally {
    driver.close();
    await stack.stop();
  }
};

const recoverMsMax = 60_000;

/** Asks until an interactive request is answered as promised. */
const recover = async (driver: ClassDriver): Promise<number> => {
  const startMs = performance.now();
  while (performance.now() - startMs < recoverMsMax) {
    const [one] = await driver.closed(probe, 1, 1);
    if (one !== undefined && good(one)) break;
  }
  return performance.now() - startMs;
};

const good = ({ offer, outcome }: Driven): boolean =>
  outcome.kind === 'answered' && isGood(offer.sloClass, outcome);

const perS = (driven: readonly Driven[], forMs: number): number =>
  (driven.filter(({ endedMs }) => endedMs <= forMs).length / forMs) * 1000;

const overloadOf = (
  driven: readonly Driven[],
  peakPerS: number,
  forMs: number,
): Omit<Overload, 'recoveryMs'> => {
  const goodPerS = perS(driven.filter(good), forMs);
  const counts = {
    interactive: countOf(driven, 'interactive'),
    standard: countOf(driven, 'standard'),
    batch: countOf(driven, 'batch'),
  };
  const refusalMs = summarize(
    driven.flatMap(({ outcome }) => (outcome.kind === 'refused' ? [outcome.ms] : [])),
  );
  return {
    ...{ peakPerS, goodPerS, goodputShare: goodPerS / peakPerS, counts, refusalMs },
    interactiveAttainment: counts.interactive.good / counts.interactive.sent,
    refusalP99Ms: refusalMs.p99,
    failures: driven.flatMap(({ outcome }) => ('reason' in outcome ? [outcome.reason] : [])),
  };
};

const countOf = (driven: readonly Driven[], sloClass: SloClassName): ClassCount => {
  const all = driven.filter(({ offer }) => offer.sloClass === sloClass);
  const of = (kind: string): number => all.filter(({ outcome }) => outcome.kind === kind).length;
  return {
    ...{ sent: all.length, answered: of('answered'), good: all.filter(good).length },
    ...{ refused: of('refused'), failed: of('failed') + of('cut') + of('expired') },
    firstMs: summarize(
      all.flatMap(({ outcome }) => (outcome.kind === 'answered' ? [outcome.firstMs] : [])),
    ),
  };
};
