import { type AddMetric, readMetrics, type ReadMetrics } from '@isotherm/runtime/metrics';
import { Registry } from 'prom-client';
import type { RouterStatus } from '../router-status.ts';

/** Every metric of a router, read from its status when somebody asks: docs/metrics.md says what each is for. */
export const createRouterMetrics = (read: () => RouterStatus): Registry => {
  const status = oncePerTurn(read);
  const registry = new Registry();
  const add = readMetrics(registry);
  ownMetrics(add.gauge, status);
  admissionMetrics(add, status);
  headroomMetrics(add.gauge, status);
  instanceMetrics(add.gauge, status);
  cacheMetrics(add, status);
  add.counter(
    'isotherm_router_hedges_total',
    'Encode jobs that could be hedged, by outcome; jobs is all of them.',
    ['outcome'],
    (put) => {
      for (const [outcome, count] of Object.entries(status().hedges)) put(count, { outcome });
    },
  );
  add.counter(
    'isotherm_router_large_pool_total',
    'Large requests that were to go to another fabric, by outcome.',
    ['outcome'],
    (put) => {
      const { passedOn, notReached, brokenOff } = status().largePool;
      put(passedOn, { outcome: 'passed_on' });
      put(notReached, { outcome: 'not_reached' });
      put(brokenOff, { outcome: 'broken_off' });
    },
  );
  return registry;
};

type Status = () => RouterStatus;

/** All metrics are filled in one turn of the event loop: a status, with a view of each instance, is made once for them. */
const oncePerTurn = (read: Status): Status => {
  let held: RouterStatus | undefined;
  return () => {
    if (held === undefined) {
      held = read();
      setImmediate(() => {
        held = undefined;
      });
    }
    return held;
  };
};

const ownMetrics = (gauge: AddMetric, status: Status): void => {
  const one = (name: string, help: string, of: (now: RouterStatus) => number): void =>
    gauge(`isotherm_router_${name}`, help, [], (put) => put(of(status()), {}));
  one('requests', 'Requests in hand, waiting or being answered.', ({ requests }) => requests);
  one('bookings', 'Pieces of work booked on instances.', ({ bookings }) => bookings);
  one('leases', 'Media and prompts kept for the stages.', ({ leases }) => leases);
  one(
    'loop_delay_seconds',
    'How late the event loop runs what is due, 99th percentile over a few seconds.',
    ({ loopDelayMs }) => loopDelayMs / 1000,
  );
  gauge('isotherm_routers', 'Living routers of the system, by state.', ['state'], (put) => {
    const counts = new Map<string, number>();
    for (const { state } of status().routers) counts.set(state, (counts.get(state) ?? 0) + 1);
    for (const [state, count] of counts) put(count, { state });
  });
};

const admissionMetrics = ({ gauge, counter }: ReadMetrics, status: Status): void => {
  type Class = RouterStatus['admission']['classes'][number];
  const byClass =
    (of: (counts: Class) => number) =>
    (put: (value: number, labels: { readonly class: string }) => void): void => {
      for (const counts of status().admission.classes) put(of(counts), { class: counts.name });
    };
  gauge(
    'isotherm_router_waiting_requests',
    'Requests that wait in front of the fleet.',
    ['class'],
    byClass(({ waiting }) => waiting),
  );
  gauge('isotherm_router_waiting_bytes', 'Bytes of their media and prompts.', [], (put) =>
    put(status().admission.waitingBytes, {}),
  );
  counter(
    'isotherm_router_admitted_total',
    'Requests that had their turn.',
    ['class'],
    byClass(({ admitted }) => admitted),
  );
  counter(
    'isotherm_router_promoted_total',
    'Of those, the ones before more urgent ones because their class was overdue.',
    ['class'],
    byClass(({ promoted }) => promoted),
  );
  counter(
    'isotherm_router_first_tokens_total',
    "First tokens, by whether they came within their class's target.",
    ['class', 'in_time'],
    (put) => {
      for (const { name, inTime, late } of status().admission.classes) {
        put(inTime, { class: name, in_time: 'true' });
        put(late, { class: name, in_time: 'false' });
      }
    },
  );
  counter(
    'isotherm_router_token_paces_total',
    "Answers of several tokens, by whether the tokens came at their class's pace.",
    ['class', 'in_time'],
    (put) => {
      for (const { name, tokensInTime, tokensLate } of status().admission.classes) {
        put(tokensInTime, { class: name, in_time: 'true' });
        put(tokensLate, { class: name, in_time: 'false' });
      }
    },
  );
  counter('isotherm_router_refused_total', 'Requests refused.', ['reason'], (put) => {
    for (const [reason, count] of Object.entries(status().admission.refused)) {
      put(count, { reason });
    }
  });
};

const headroomMetrics = (gauge: AddMetric, status: Status): void => {
  gauge(
    'isotherm_router_headroom_state',
    '1 for the state of what is known of heat: none, fresh or conservative.',
    ['state'],
    (put) => {
      for (const state of ['none', 'fresh', 'conservative']) {
        put(status().headroom.state === state ? 1 : 0, { state });
      }
    },
  );
  gauge('isotherm_router_headroom_age_seconds', 'Time since headroom was heard.', [], (put) =>
    put(status().headroom.ageMs / 1000, {}),
  );
};

const instanceMetrics = (gauge: AddMetric, status: Status): void => {
  type Instance = RouterStatus['instances'][number];
  const each = (name: string, help: string, of: (one: Instance) => number | undefined): void =>
    gauge(`isotherm_router_instance_${name}`, help, instanceLabels, (put) => {
      for (const one of status().instances) {
        const value = of(one);
        if (value !== undefined) put(value, labelsOf(one));
      }
    });
  each('ready', '1 where its event stream is open and it takes work.', ({ ready }) =>
    Number(ready),
  );
  each('pending_tokens', 'Tokens that this router booked.', ({ pendingTokens }) => pendingTokens);
  each(
    'reported_tokens',
    'Tokens that it reports as pending, of all routers.',
    ({ reportedTokens }) => reportedTokens,
  );
  each('bookings', 'Bookings of this router.', ({ bookings }) => bookings);
  each(
    'breaker',
    'Its circuit breaker: 0 closed, 0.5 half open, 1 open.',
    ({ breaker }) => breakerLevel[breaker],
  );
  each(
    'headroom_share',
    'What heat and power limits leave for its stage, 0 to 1.',
    ({ headroom }) => headroom?.stageShare,
  );
  each(
    'headroom_conservative',
    '1 where that share is not measured.',
    ({ headroom }) => headroom && Number(headroom.conservative),
  );
};

const cacheMetrics = ({ gauge, counter }: ReadMetrics, status: Status): void => {
  type Cache = NonNullable<RouterStatus['instances'][number]['cache']>;
  const each =
    (of: (cache: Cache) => number) =>
    (put: (value: number, labels: InstanceLabels) => void): void => {
      for (const one of status().instances) if (one.cache) put(of(one.cache), labelsOf(one));
    };
  gauge(
    'isotherm_router_instance_cache_bytes',
    'Bytes that the cache of an instance holds.',
    instanceLabels,
    each(({ bytes }) => bytes),
  );
  gauge(
    'isotherm_router_instance_cache_max_bytes',
    'Most bytes that it may hold.',
    instanceLabels,
    each(({ bytesMax }) => bytesMax),
  );
  counter(
    'isotherm_router_instance_cache_hits_total',
    'Jobs that found at least a part of their result.',
    instanceLabels,
    each(({ hits }) => hits),
  );
  counter(
    'isotherm_router_instance_cache_misses_total',
    'Jobs that found nothing.',
    instanceLabels,
    each(({ misses }) => misses),
  );
};

const instanceLabels = ['instance', 'stage', 'model'] as const;
type InstanceLabels = Readonly<Record<(typeof instanceLabels)[number], string>>;

const labelsOf = (one: RouterStatus['instances'][number]): InstanceLabels => {
  const { instanceId: instance, stage, model } = one;
  return { instance, stage, model };
};

const breakerLevel = { closed: 0, half_open: 0.5, open: 1 } as const;
