import { type AddMetric, readMetrics } from '@isotherm/runtime/metrics';
import { Counter, Histogram, Registry } from 'prom-client';
import type { InstanceHeadroom } from '../headroom/instance-headroom.ts';
import type { ThrottleEvents } from '../room/throttle-counter.ts';
import type { Round } from '../round/round.ts';
import type { SourceBook } from '../telemetry/intake.ts';

/** What metrics are read from when somebody asks for them; nothing is worked out in between. */
export interface MeasuredParts {
  latest(): Round | undefined;
  sources(): readonly SourceBook[];
  throttleEvents(): ThrottleEvents;
  emergencies(): readonly { readonly kind: string }[];
  commands(): Readonly<Record<string, number>>;
  watchers(): number;
  placesRefused(): number;
  slippedS(): number;
  models(): readonly {
    readonly model: string;
    readonly error: number;
    readonly drifted: boolean;
  }[];
  /** The GPUs are a model's: exporters do not tell of them. */
  readonly isVirtual: boolean;
}

export interface ThermalMetrics {
  readonly registry: Registry;
  observeRound(seconds: number): void;
  countFailedRound(): void;
}

/** Every metric of the thermal service: docs/metrics.md says what each is for. */
export const createThermalMetrics = (parts: MeasuredParts): ThermalMetrics => {
  const registry = new Registry();
  const registers = [registry];
  const rounds = new Histogram({
    name: 'isotherm_thermal_round_seconds',
    help: 'Time that one round of looking, predicting and deciding takes.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
    registers,
  });
  const failed = new Counter({
    name: 'isotherm_thermal_rounds_failed_total',
    help: 'Rounds that ended with a fault of the program.',
    registers,
  });
  const { gauge, counter } = readMetrics(registry);
  headroomMetrics(gauge, parts);
  roomMetrics(gauge, counter, parts);
  ownMetrics(gauge, counter, parts);
  if (parts.isVirtual) dcgmMetrics(gauge, parts);
  return {
    registry,
    observeRound: (seconds) => rounds.observe(seconds),
    countFailedRound: () => failed.inc(),
  };
};

const headroomMetrics = (gauge: AddMetric, parts: MeasuredParts): void => {
  const each = (use: (headroom: InstanceHeadroom, instance: string) => void): void => {
    for (const headroom of parts.latest()?.headroom ?? []) use(headroom, headroom.instanceId);
  };
  gauge(
    'isotherm_thermal_headroom_watts',
    'Watts that an instance may draw more before any limit above it, now (0) and predicted.',
    ['instance', 'after_s'],
    (set) =>
      each(({ horizons }, instance) => {
        for (const { afterS, powerW } of horizons) set(powerW, { instance, after_s: `${afterS}` });
      }),
  );
  gauge(
    'isotherm_thermal_headroom_kelvin',
    'Kelvin of the hottest core or memory of an instance below where its clock is lowered.',
    ['instance', 'part', 'after_s'],
    (set) =>
      each(({ horizons }, instance) => {
        for (const { afterS, coreK, memoryK } of horizons) {
          set(coreK, { instance, part: 'core', after_s: `${afterS}` });
          set(memoryK, { instance, part: 'memory', after_s: `${afterS}` });
        }
      }),
  );
  gauge(
    'isotherm_thermal_headroom_share',
    'Shares of what limits leave an instance, 0 (at a limit) to 1 (idle and cool), as routers hear them.',
    ['instance', 'kind'],
    (set) =>
      each(({ powerShare, coreShare, memoryShare }, instance) => {
        set(powerShare, { instance, kind: 'power' });
        set(coreShare, { instance, kind: 'core' });
        set(memoryShare, { instance, kind: 'memory' });
      }),
  );
  gauge(
    'isotherm_thermal_headroom_conservative',
    '1 where the headroom of an instance was worked out from stale, missing or doubtful readings.',
    ['instance'],
    (set) => each(({ conservative }, instance) => set(conservative ? 1 : 0, { instance })),
  );
  gauge(
    'isotherm_thermal_clock_share',
    'Share of its full clock that the hardware grants an instance; below 1 it is throttled.',
    ['instance'],
    (set) => each(({ clockShare }, instance) => set(clockShare, { instance })),
  );
};

const roomMetrics = (gauge: AddMetric, counter: AddMetric, parts: MeasuredParts): void => {
  const uses = (
    set: 'used' | 'limit',
    put: (value: number, level: string, id: string) => void,
  ): void => {
    for (const use of parts.latest()?.levels.values() ?? []) put(use[set], use.of.level, use.of.id);
  };
  gauge(
    'isotherm_thermal_level_used',
    'What a level uses: W, of an aisle m3/s of air.',
    ['level', 'id'],
    (set) => uses('used', (value, level, id) => set(value, { level, id })),
  );
  gauge(
    'isotherm_thermal_level_limit',
    'What a level may use now: W, of an aisle m3/s of air.',
    ['level', 'id'],
    (set) => uses('limit', (value, level, id) => set(value, { level, id })),
  );
  gauge('isotherm_thermal_inlet_celsius', 'Air at the front of a server.', ['server'], (set) => {
    const latest = parts.latest();
    latest?.view.servers.forEach(({ inletC }, server) => {
      set(inletC, { server: latest.input.index.layout.servers[server]?.plan.id ?? '' });
    });
  });
  gauge('isotherm_thermal_outside_celsius', 'Temperature outside.', [], (set) => {
    const latest = parts.latest();
    if (latest !== undefined) set(latest.view.outsideC, {});
  });
  counter(
    'isotherm_thermal_throttle_events_total',
    'How often clocks of GPUs were lowered, by cause, since the start.',
    ['cause'],
    (set) => {
      const { thermal, power } = parts.throttleEvents();
      set(thermal, { cause: 'thermal' });
      set(power, { cause: 'power' });
    },
  );
  gauge('isotherm_thermal_emergencies', 'Emergencies that are on.', ['kind'], (set) => {
    const counts = new Map<string, number>();
    for (const { kind } of parts.emergencies()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const [kind, count] of counts) set(count, { kind });
  });
};

const ownMetrics = (gauge: AddMetric, counter: AddMetric, parts: MeasuredParts): void => {
  counter(
    'isotherm_thermal_readings_accepted_total',
    'Readings that counted.',
    ['source', 'kind'],
    (set) => {
      for (const { name, kind, accepted } of parts.sources()) set(accepted, { source: name, kind });
    },
  );
  counter(
    'isotherm_thermal_readings_quarantined_total',
    'Readings that were put aside, by reason.',
    ['source', 'reason'],
    (set) => {
      for (const { name, quarantined } of parts.sources()) {
        for (const [reason, count] of quarantined) set(count, { source: name, reason });
      }
    },
  );
  gauge(
    'isotherm_thermal_source_failing',
    'Whether a source has a problem, which GetStatus says in a sentence.',
    ['source', 'kind'],
    (set) => {
      for (const { name, kind, problem } of parts.sources()) {
        set(problem === '' ? 0 : 1, { source: name, kind });
      }
    },
  );
  counter(
    'isotherm_thermal_commands_total',
    'Commands to instances: sent, followed, and given up.',
    ['outcome'],
    (set) => {
      for (const [outcome, count] of Object.entries(parts.commands())) set(count, { outcome });
    },
  );
  counter(
    'isotherm_thermal_places_refused_total',
    'Instances for which no server had a place: they work, and nobody knows their heat.',
    [],
    (set) => set(parts.placesRefused(), {}),
  );
  gauge(
    'isotherm_thermal_models_drifted',
    'Fitted models whose error has risen beyond its bound, by what they model.',
    ['model'],
    (set) => {
      const counts = new Map<string, number>();
      for (const { model, drifted } of parts.models()) {
        counts.set(model, (counts.get(model) ?? 0) + (drifted ? 1 : 0));
      }
      for (const [model, count] of counts) set(count, { model });
    },
  );
  gauge('isotherm_thermal_watchers', 'Streams of headroom that are open.', [], (set) =>
    set(parts.watchers(), {}),
  );
  counter(
    'isotherm_thermal_room_slipped_seconds_total',
    'Plant time that the virtual room left out because the machine was too slow.',
    [],
    (set) => set(parts.slippedS(), {}),
  );
};

/** As NVIDIA's DCGM exporter names them, so that dashboards made for it show a virtual room too. */
const dcgmMetrics = (gauge: AddMetric, parts: MeasuredParts): void => {
  const labels = ['gpu', 'UUID', 'modelName', 'Hostname'] as const;
  const add = (
    name: string,
    help: string,
    of: (view: Round['view']['gpus'][number]) => number,
  ): void =>
    gauge(`DCGM_FI_DEV_${name}`, help, labels, (set) => {
      const latest = parts.latest();
      latest?.input.index.layout.servers.forEach(({ plan, kind, firstGpu, gpuCount }) => {
        for (let each = 0; each < gpuCount; each += 1) {
          const view = latest.view.gpus[firstGpu + each];
          if (view === undefined) continue;
          const who = { gpu: `${each}`, UUID: `${plan.id}/${each}`, Hostname: plan.id };
          set(of(view), { ...who, modelName: kind.gpu });
        }
      });
    });
  add('GPU_TEMP', 'GPU temperature (in C).', ({ coreC }) => coreC);
  add('MEMORY_TEMP', 'Memory temperature (in C).', ({ memoryC }) => memoryC);
  add('POWER_USAGE', 'Power draw (in W).', ({ powerW }) => powerW);
  add('GPU_UTIL', 'GPU utilization (in %).', ({ utilisation }) => 100 * utilisation);
  add('CLOCK_THROTTLE_REASONS', 'Clock event reasons (NVML bits).', ({ reasons }) => reasons);
};
