import type { Random } from '@isotherm/kernel';
import { uniformAt } from '@isotherm/kernel';

/**
 * A customer with machines of its own, opaque to us: all its servers do alike. Everything about it is assumed; nobody publishes
 * what such machines do. It is drawn by seed.
 */
export interface Customer {
  readonly servers: number;
  /** How busy its GPUs are over a day: between these, up and down in straight lines. */
  readonly leastShare: number;
  readonly mostShare: number;
  /** Hour of the day at which it is busiest. */
  readonly busiestHour: number;
  /** What of the most is left on the last two days of a week. */
  readonly weekendShare: number;
  /** By how much one server differs from the others for some minutes, either way. */
  readonly noiseShare: number;
  readonly seed: number;
}

export interface CustomerOptions {
  /** Servers of all of them together, */
  readonly servers: number;
  /** and of one of them at most. */
  readonly serversMax: number;
  /** Bounds of what customers' GPUs do at the most. */
  readonly mostShares: readonly [number, number];
}

/** Some work day and night, as training does, the others with their own users. */
const steadyShare = 0.3;
const noiseShare = 0.08;

export const drawCustomers = (options: CustomerOptions, random: Random): readonly Customer[] => {
  const customers: Customer[] = [];
  const [low, high] = options.mostShares;
  let left = options.servers;
  while (left > 0) {
    const servers = Math.min(left, 1 + Math.floor(random() * options.serversMax));
    const mostShare = low + (high - low) * random();
    const isSteady = random() < steadyShare;
    const swing = isSteady ? 0.05 : 0.3 + 0.4 * random();
    customers.push({
      ...{ servers, mostShare, leastShare: mostShare * (1 - swing), noiseShare },
      busiestHour: 10 + 10 * random(),
      weekendShare: isSteady ? 1 : 0.6 + 0.4 * random(),
      seed: Math.floor(random() * 2 ** 31),
    });
    left -= servers;
  }
  return customers;
};

const dayS = 86_400;
/** A server keeps its difference from the others for so long. */
const noiseS = 300;

/** How busy the GPUs of one of a customer's servers are, 0 to 1. */
export const customerShare = (customer: Customer, server: number, atS: number): number => {
  const { leastShare, mostShare, seed } = customer;
  const hour = (atS % dayS) / 3600;
  const apart = Math.abs(hour - customer.busiestHour);
  const nearness = 1 - Math.min(apart, 24 - apart) / 12;
  const isWeekend = Math.floor(atS / dayS) % 7 >= 5;
  const share = leastShare + (mostShare - leastShare) * nearness;
  const noise = 2 * uniformAt(seed, Math.floor(atS / noiseS) * 1024 + server) - 1;
  const most = share * (isWeekend ? customer.weekendShare : 1);
  return Math.min(1, Math.max(0, most + customer.noiseShare * noise));
};

/** The most that its history says it will be: what placement reckons with. */
export const customerPeakShare = ({ mostShare, noiseShare: noise }: Customer): number =>
  Math.min(1, mostShare + noise);
