import type { Random } from '@isotherm/kernel';
import type { InstanceView, RoutePolicy, RouteRequest } from '../contract.ts';
import { drawFor, preferred } from '../preferred.ts';
import { drawnInto, shorten } from './drawn.ts';

/** The instance that does a piece of work; undefined where nobody can. */
export type InstanceChooser = (
  request: RouteRequest,
  instances: readonly InstanceView[],
  random: Random,
) => InstanceView | undefined;

/**
 * `selectSampled` without its trace, for who decides by the million and reads none: the same instance from the same draws,
 * in a tenth of the time. It keeps its columns from one decision to the next, so a chooser has one owner.
 */
export const instanceChooser = (
  { filters, preferences = [], scorers, picker }: RoutePolicy,
  sampleMax = Infinity,
): InstanceChooser => {
  const sample: InstanceView[] = [];
  const able: InstanceView[] = [];
  const totals: number[] = [];

  const passes = (instance: InstanceView, request: RouteRequest): boolean => {
    for (const filter of filters) if (!filter.keeps(instance, request)) return false;
    return true;
  };
  const isPreferred = (instance: InstanceView, request: RouteRequest, draw: number): boolean => {
    for (const filter of preferences) if (!filter.keeps(instance, request, draw)) return false;
    return true;
  };
  const sift = (
    request: RouteRequest,
    instances: readonly InstanceView[],
    draw: number,
  ): boolean => {
    let count = 0;
    let areAllPreferred = true;
    for (const instance of instances) {
      if (!passes(instance, request)) continue;
      able[count] = instance;
      count += 1;
      if (areAllPreferred) areAllPreferred = isPreferred(instance, request, draw);
    }
    shorten(able, count);
    return areAllPreferred;
  };
  const score = (request: RouteRequest, kept: readonly InstanceView[]): void => {
    for (let row = 0; row < kept.length; row += 1) totals[row] = 0;
    shorten(totals, kept.length);
    for (const { scorer, weight } of scorers) {
      if (scorer.concerns?.(request) === false) continue;
      const scores = scorer.each === undefined ? scorer.score(kept, request) : undefined;
      for (let row = 0; row < kept.length; row += 1) {
        const value =
          scores === undefined ? scorer.each?.(kept[row] as InstanceView, request) : scores[row];
        totals[row] = (totals[row] as number) + weight * (value ?? 0);
      }
    }
  };
  const chooseAmong: InstanceChooser = (request, instances, random) => {
    const draw = drawFor(preferences, random) ?? 0;
    const areAllPreferred = sift(request, instances, draw);
    const kept = areAllPreferred ? able : preferred(preferences, request, able, draw).kept;
    if (kept.length === 0) return undefined;
    score(request, kept);
    return kept[picker.pick(totals, random)];
  };

  return (request, instances, random) => {
    if (instances.length <= sampleMax) return chooseAmong(request, instances, random);
    drawnInto(sample, instances, sampleMax, random);
    return chooseAmong(request, sample, random) ?? chooseAmong(request, instances, random);
  };
};
