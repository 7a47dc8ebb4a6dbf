import { type Random, seededRandom } from '@isotherm/kernel';
import type { LinkFault } from '../link/link-fault.ts';
import { type LinkedService, linkedServices } from '../link/linked-deployment.ts';

/** What one run of the campaign asks and what it breaks: a function of its seed. */
export interface RunPlan {
  readonly seed: number;
  readonly engine: Engine;
  readonly requests: readonly PlannedRequest[];
  readonly faults: readonly PlannedFault[];
}

/** `profile` takes given times; `panel` is the model that ships. */
export type Engine = 'profile' | 'panel';

export interface PlannedRequest {
  /** After the start of the run. */
  readonly atMs: number;
  readonly router: number;
  readonly door: 'grpc' | 'http';
  /** Of the fixture, by index. */
  readonly pictures: readonly number[];
  readonly maxTokens: number;
}

export interface PlannedFault {
  readonly atMs: number;
  readonly forMs: number;
  readonly fault: Breakage;
}

export type Breakage =
  | { readonly kind: 'kill'; readonly at: PlaceName }
  | { readonly kind: 'freeze'; readonly at: PlaceName }
  | { readonly kind: 'peer-link'; readonly at: PlaceName; readonly link: LinkFault }
  | { readonly kind: 'redis-link'; readonly at: PlaceName; readonly link: LinkFault }
  | { readonly kind: 'redis-freeze' }
  | { readonly kind: 'redis-restart'; readonly data: 'kept' | 'lost' };

export interface PlaceName {
  readonly service: LinkedService;
  readonly index: number;
}

/** Two of each: one to hit, one to go on. */
export const placesOfEach = 2;
/** One run in so many has the real model. */
export const panelEvery = 10;
/** Pictures of the fixture that runs ask about: so few that caches are hit as well as missed. */
const picturesMax = 24;
const loadMs = 900;

export const engineOf = (seed: number): Engine => (seed % panelEvery === 0 ? 'panel' : 'profile');

export const planRun = (seed: number): RunPlan => {
  const random = seededRandom(seed);
  const engine = engineOf(seed);
  return { seed, engine, requests: planRequests(engine, random), faults: planFaults(random) };
};

const below = (random: Random, count: number): number => Math.floor(random() * count);
const between = (random: Random, from: number, to: number): number =>
  Math.round(from + random() * (to - from));
const oneOf = <Value>(random: Random, values: readonly Value[]): Value => {
  const value = values[below(random, values.length)];
  if (value === undefined) throw new Error('There is nothing to choose from.');
  return value;
};

const planRequests = (engine: Engine, random: Random): readonly PlannedRequest[] =>
  Array.from({ length: engine === 'panel' ? 12 : between(random, 16, 28) }, () => ({
    atMs: below(random, loadMs),
    router: below(random, placesOfEach),
    door: random() < 0.25 ? 'http' : 'grpc',
    pictures: Array.from({ length: oneOf(random, [0, 1, 1, 1, 2]) }, () =>
      below(random, picturesMax),
    ),
    maxTokens: between(random, 8, 72),
  }));

/** One to three faults, no two of them at one place. */
const planFaults = (random: Random): readonly PlannedFault[] => {
  const free = linkedServices.flatMap((service) =>
    Array.from({ length: placesOfEach }, (_, index) => ({ service, index })),
  );
  const takePlace = (): PlaceName => {
    const place = oneOf(random, free);
    free.splice(free.indexOf(place), 1);
    return place;
  };
  let redisIsWell = true;
  return Array.from({ length: oneOf(random, [1, 1, 1, 2, 2, 3]) }, () => {
    const { fault, forMs } = planBreakage(random, takePlace, redisIsWell);
    if (fault.kind === 'redis-freeze' || fault.kind === 'redis-restart') redisIsWell = false;
    return { atMs: between(random, 100, loadMs + 300), forMs, fault };
  });
};

const planBreakage = (
  random: Random,
  takePlace: () => PlaceName,
  redisIsWell: boolean,
): Pick<PlannedFault, 'fault' | 'forMs'> => {
  const draw = random();
  if (draw < 0.3) return { fault: { kind: 'kill', at: takePlace() }, forMs: below(random, 800) };
  if (draw < 0.45) {
    return { fault: { kind: 'freeze', at: takePlace() }, forMs: between(random, 200, 2000) };
  }
  if (draw < 0.67 || (!redisIsWell && draw < 0.8)) {
    return {
      fault: { kind: 'peer-link', at: takePlace(), link: planLink(random) },
      ...lasts(random),
    };
  }
  if (draw < 0.8 || !redisIsWell) {
    const link = planLink(random);
    return { fault: { kind: 'redis-link', at: takePlace(), link }, ...lasts(random) };
  }
  if (draw < 0.86) return { fault: { kind: 'redis-freeze' }, forMs: between(random, 200, 1500) };
  const data = random() < 0.5 ? 'kept' : 'lost';
  return { fault: { kind: 'redis-restart', data }, forMs: between(random, 0, 1200) };
};

const lasts = (random: Random): { readonly forMs: number } => ({
  forMs: between(random, 200, 1500),
});

const planLink = (random: Random): LinkFault => {
  const kind = oneOf(random, ['cut', 'half-open', 'stall', 'delay', 'slow'] as const);
  switch (kind) {
    case 'cut':
    case 'half-open':
    case 'stall':
      return { kind };
    case 'delay':
      return { kind, ms: between(random, 10, 150) };
    case 'slow':
      return { kind, bytesPerSecond: between(random, 20_000, 400_000) };
    default:
      return kind satisfies never;
  }
};

/** What the table calls a fault. */
export const nameOf = (fault: Breakage): string => {
  switch (fault.kind) {
    case 'kill':
      return `kill -9 ${fault.at.service}`;
    case 'freeze':
      return `SIGSTOP ${fault.at.service}`;
    case 'peer-link':
      return `link to ${fault.at.service}: ${fault.link.kind}`;
    case 'redis-link':
      return `link ${fault.at.service} to Redis: ${fault.link.kind}`;
    case 'redis-freeze':
      return 'SIGSTOP Redis';
    case 'redis-restart':
      return `Redis kill -9, data ${fault.data}`;
    default:
      return fault satisfies never;
  }
};
