import { instanceId, seededRandom, type Stage } from '@isotherm/kernel';
import {
  defaultRoutePolicy,
  type Headroom,
  type InstanceView,
  type RouteRequest,
  selectInstance,
} from '@isotherm/policy';
import { percentile, round } from '../report/percentiles.ts';

/** Blocks of a prompt, and how many keys each instance has in its cache. */
const promptBlocks = 32;
const keysHeld = 256;
const stages = ['encode', 'prefill', 'decode'] as const;

/**
 * Time of one routing decision by the policy that routers use, all filters and scorers on: 99th percentile in milliseconds,
 * by the number of instances of the stage. Filters drop about a tenth of them. Reading the fleet and booking, which
 * the router does in the same turn, are not in it.
 */
export const measureDecisions = (decisions: number): Readonly<Record<'64' | '1000', number>> => ({
  '64': decisionP99Ms(64, decisions),
  '1000': decisionP99Ms(1000, decisions),
});

const decisionP99Ms = (instances: number, decisions: number): number => {
  const random = seededRandom(4);
  const fleets = new Map(stages.map((stage) => [stage, fleetOf(stage, instances, random)]));
  const decide = (count: number): readonly number[] => {
    const takenMs: number[] = [];
    for (let i = 0; i < count; i++) {
      const stage = stages[i % stages.length] ?? 'decode';
      const request = requestOf(stage, random);
      const views = fleets.get(stage) ?? [];
      const startMs = performance.now();
      const decision = selectInstance(defaultRoutePolicy, request, views, random);
      takenMs.push(performance.now() - startMs);
      if (decision.kind === 'rejected') throw new Error('No instance was selected.');
    }
    return takenMs;
  };
  // The compiler's own work is not what is asked for.
  decide(Math.ceil(decisions / 4));
  return round(percentile(decide(decisions), 0.99));
};

const key = (number: number): string => `block-${number}`;

const fleetOf = (stage: Stage, count: number, random: () => number): readonly InstanceView[] =>
  Array.from({ length: count }, (_, index) => ({
    // One literal, as in the router's own fleet: reading objects that were put together of parts takes several times as
    // long as the decision.
    id: instanceId(`${stage}-${index}`),
    stage,
    model: 'model',
    ready: random() > 0.05,
    tripped: random() < 0.05,
    capacity: 16,
    contextMax: 8192,
    bookedTokens: Math.floor(random() * 20_000),
    reportedTokens: Math.floor(random() * 20_000),
    queueAgeMs: random() * 500,
    headroom: headroomOf(random),
    kvBytes: random() * 2 ** 30,
    kvBytesMax: 2 ** 30,
    cacheKeys: new Set(Array.from({ length: keysHeld }, () => key(Math.floor(random() * 2048)))),
  }));

const headroomOf = (random: () => number): Headroom => ({
  ...{ powerShare: random(), coreShare: random(), memoryShare: random(), conservative: false },
  binding: { level: 'row', id: 'row' },
});

const requestOf = (stage: Stage, random: () => number): RouteRequest => {
  const first = Math.floor(random() * 2048);
  const blocks = stage === 'prefill' ? promptBlocks : stage === 'encode' ? 1 : 0;
  return {
    ...{ stage, model: 'model', tokens: 1024, contextTokens: 2048, excluded: new Set() },
    cacheKeys: Array.from({ length: blocks }, (_, index) => key((first + index) % 2048)),
  };
};
