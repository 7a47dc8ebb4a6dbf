import {
  type DocumentProblem,
  type DocumentReader,
  documentReader,
  cycleProblem,
  type NumberRange,
} from '@isotherm/kernel';
import {
  type Disturbance,
  type ExampleRoomOptions,
  serverClasses,
  type ServerKind,
} from '@isotherm/plant';
import type { ColocateSettings, Levers } from '@isotherm/policy';
import { multimodalDefaults } from '../arrivals/multimodal.ts';
import { traceFormats } from '../arrivals/trace.ts';
import { roles } from '../pipeline/deployment.ts';
import type { CustomerOptions } from '../room/customers.ts';
import { queueOrders } from '../stations/waiting-lines.ts';
import {
  type ArmDocument,
  type AwareOf,
  awareOf,
  type DeploymentDocument,
  type ExperimentDocument,
  type PoolDocument,
  type RequestsDocument,
  type RoomDocument,
  type SloDocument,
  type WeekDocument,
} from './experiment-document.ts';

/** An experiment that can be run, or everything that is wrong with it. */
export type CheckedExperiment =
  | { readonly kind: 'ok'; readonly experiment: ExperimentDocument }
  | { readonly kind: 'refused'; readonly problems: readonly DocumentProblem[] };

/** Bounds; outside them it is a slip of a unit. */
const ranges = {
  seconds: { min: 0, max: 366 * 86_400 },
  period: { min: 0.1, max: 3600 },
  seed: { min: 0, max: 2 ** 31 - 1 },
  count: { min: 1, max: 100_000 },
  share: { min: 0, max: 1 },
  ms: { min: 0, max: 1e7 },
  rate: { min: 1e-6, max: 1e6 },
  factor: { min: 1e-3, max: 1e6 },
  rateFactor: { min: 0, max: 1e6 },
  oversubscription: { min: 0, max: 4 },
  hour: { min: 0, max: 8784 },
  tokens: { min: 1, max: 1e6 },
  images: { min: 0, max: 10_000 },
  temperature: { min: -60, max: 60 },
} as const satisfies Readonly<Record<string, NumberRange>>;

const textLengthMax = 400;
const seedsMax = 1000;

/** Checks what a YAML or JSON parser returned, and finds all problems at once. */
export const checkExperiment = (value: unknown): CheckedExperiment => {
  const cycle = cycleProblem(value);
  if (cycle !== undefined) return { kind: 'refused', problems: [cycle] };
  const reader = documentReader();
  const experiment = readExperiment(reader, value);
  const { problems } = reader;
  return problems.length === 0 ? { kind: 'ok', experiment } : { kind: 'refused', problems };
};

const readExperiment = (reader: DocumentReader, value: unknown): ExperimentDocument => {
  const keys = ['name', 'duration_s', 'warm_up_s', 'seeds', 'sample_max', 'deployments', 'room'];
  const fields = reader.object(value, '', [...keys, 'arms']);
  const durationS = reader.number(fields['duration_s'], 'duration_s', ranges.seconds);
  const warmUpS = numberOr(reader, fields['warm_up_s'], 'warm_up_s', ranges.seconds, 0);
  if (warmUpS >= durationS) reader.problem('warm_up_s', 'must be less than duration_s');
  const sampleMax = reader.optionalNumber(fields['sample_max'], 'sample_max', ranges.count);
  const deployments = reader.list(fields['deployments'], 'deployments', readDeployment(reader));
  const arms =
    fields['arms'] === undefined
      ? [
          {
            ...{ name: 'all', levers: leversOf(['place', 'route', 'reconfigure']) },
            ...{ aware: awareDefault, uniformCaps: false, routing: 'policy' as const },
          },
        ]
      : reader.list(fields['arms'], 'arms', readArm(reader));
  arms.forEach(({ name, pools, colocate }, index) => {
    if (arms.findIndex((other) => other.name === name) !== index) {
      reader.problem(`arms[${index}].name`, `${name} is there twice`);
    }
    if (pools !== undefined && deployments.length !== 1) {
      reader.problem(`arms[${index}].pools`, 'takes an experiment with one deployment');
    }
    if (colocate !== undefined && deployments.length !== 1) {
      reader.problem(`arms[${index}].colocate`, 'takes an experiment with one deployment');
    }
  });
  return {
    name: reader.id(fields['name'], 'name'),
    ...{ durationS, warmUpS, deployments, arms, seeds: readSeeds(reader, fields['seeds']) },
    ...(sampleMax !== undefined && { sampleMax }),
    ...(fields['room'] !== undefined && { room: readRoom(reader, fields['room']) }),
  };
};

/** So many seeds from 1 on, or a list of them. */
const readSeeds = (reader: DocumentReader, value: unknown): readonly number[] => {
  if (Array.isArray(value)) {
    const seeds = reader.list(value, 'seeds', (seed, path) =>
      whole(reader, seed, path, ranges.seed),
    );
    return [...new Set(seeds)];
  }
  const count = value === undefined ? 1 : whole(reader, value, 'seeds', { min: 1, max: seedsMax });
  return Array.from({ length: Math.min(seedsMax, Math.max(1, count)) }, (_, at) => at + 1);
};

const readDeployment =
  (reader: DocumentReader) =>
  (value: unknown, path: string): DeploymentDocument => {
    const names = ['profile', 'requests', 'slo', 'answer_tokens_expected', 'transfer', 'pools'];
    const fields = reader.object(value, path, [...names, 'parameters_b', 'colocate']);
    const transfer = reader.object(fields['transfer'] ?? {}, `${path}.transfer`, [
      ...['latency_ms', 'gb_per_s'],
    ]);
    const optional = (of: typeof fields, key: string, range: NumberRange, otherwise: number) =>
      numberOr(reader, of[key], `${path}.${key}`, range, otherwise);
    const parametersB = reader.optionalNumber(
      ...([fields['parameters_b'], `${path}.parameters_b`, ranges.factor] as const),
    );
    return {
      ...(parametersB !== undefined && { parametersB }),
      profile: reader.text(fields['profile'], `${path}.profile`, textLengthMax),
      requests: readRequests(reader, fields['requests'], `${path}.requests`),
      slo: readSlo(reader, fields['slo'], `${path}.slo`),
      ...colocateIn(reader, fields['colocate'], `${path}.colocate`),
      answerTokensExpected: optional(fields, 'answer_tokens_expected', ranges.tokens, 150),
      transferLatencyMs: optional(transfer, 'latency_ms', ranges.ms, 5),
      transferGbPerS: optional(transfer, 'gb_per_s', ranges.factor, 25),
      pools: reader.list(fields['pools'], `${path}.pools`, readPool(reader)),
    };
  };

const readSlo = (reader: DocumentReader, value: unknown, path: string): SloDocument => {
  const fields = reader.object(value, path, [
    ...['ttft_ms', 'tbt_ms', 'ttft_times', 'tbt_times', 'alone'],
  ]);
  const number = (key: string, range: NumberRange): number =>
    reader.number(fields[key], `${path}.${key}`, range);
  if (fields['alone'] === undefined) {
    for (const key of ['ttft_times', 'tbt_times']) {
      if (fields[key] !== undefined) reader.problem(`${path}.${key}`, 'needs alone');
    }
    return {
      ...{ kind: 'fixed', ttftMs: number('ttft_ms', ranges.ms) },
      tbtMs: number('tbt_ms', ranges.ms),
    };
  }
  for (const key of ['ttft_ms', 'tbt_ms']) {
    if (fields[key] !== undefined) reader.problem(`${path}.${key}`, 'has no place beside alone');
  }
  return {
    ...{ kind: 'alone', ttftTimes: number('ttft_times', ranges.factor) },
    tbtTimes: number('tbt_times', ranges.factor),
    stages: reader.list(fields['alone'], `${path}.alone`, (name, at) => reader.id(name, at)),
  };
};

const colocateIn = (
  reader: DocumentReader,
  value: unknown,
  path: string,
): { readonly colocate?: ColocateSettings } => {
  if (value === undefined) return {};
  const fields = reader.object(value, path, ['tokens_max', 'media_max']);
  const optional = (key: string, range: NumberRange): number =>
    numberOr(reader, fields[key], `${path}.${key}`, range, Number.MAX_SAFE_INTEGER);
  return {
    colocate: {
      colocateTokensMax: optional('tokens_max', { min: 0, max: 1e9 }),
      colocateMediaMax: optional('media_max', ranges.images),
    },
  };
};

const readRequests = (reader: DocumentReader, value: unknown, path: string): RequestsDocument => {
  const drawn = ['requests_per_s', 'image_share', 'images_max', 'daily_swing', 'burstiness'];
  const fields = reader.object(value, path, [...drawn, 'trace', 'format', 'rate_scale', 'week']);
  const optional = (key: string, range: NumberRange, otherwise: number): number =>
    numberOr(reader, fields[key], `${path}.${key}`, range, otherwise);
  const week =
    fields['week'] === undefined ? undefined : readWeek(reader, fields['week'], `${path}.week`);
  const imagesMax = optional('images_max', ranges.images, multimodalDefaults.imagesMax);
  if (fields['trace'] !== undefined) {
    for (const key of drawn.filter((each) => each !== 'images_max')) {
      if (fields[key] !== undefined)
        reader.problem(`${path}.${key}`, 'has no place beside a trace');
    }
    return {
      kind: 'trace',
      file: reader.text(fields['trace'], `${path}.trace`, textLengthMax),
      format: reader.oneOf(fields['format'], `${path}.format`, [...traceFormats, 'servegen']),
      ...{ rateScale: optional('rate_scale', ranges.factor, 1), imagesMax },
      ...(week !== undefined && { week }),
    };
  }
  return {
    ...{ kind: 'drawn', imagesMax },
    ...(week !== undefined && { week }),
    requestsPerS: reader.number(fields['requests_per_s'], `${path}.requests_per_s`, ranges.rate),
    imageShare: optional('image_share', ranges.share, multimodalDefaults.imageShare),
    dailySwing: optional('daily_swing', { min: 0, max: 0.99 }, multimodalDefaults.dailySwing),
    burstiness: optional('burstiness', { min: 0.01, max: 100 }, multimodalDefaults.burstiness),
  };
};

const readWeek = (reader: DocumentReader, value: unknown, path: string): WeekDocument => {
  const fields = reader.object(value, path, ['servegen', 'hours', 'weekdays']);
  const { servegen, hours } = fields;
  if ((servegen === undefined) === (hours === undefined)) {
    reader.problem(path, 'needs servegen or hours, one of them');
  }
  const factors = (key: string, length: number): readonly number[] => {
    const read = reader.list(fields[key], `${path}.${key}`, (each, at) =>
      reader.number(each, at, ranges.rateFactor),
    );
    if (read.length !== length) reader.problem(`${path}.${key}`, `needs ${length} numbers`);
    return read;
  };
  return {
    day:
      servegen === undefined
        ? { kind: 'hours', rates: factors('hours', 24) }
        : { kind: 'servegen', file: reader.text(servegen, `${path}.servegen`, textLengthMax) },
    weekdays: fields['weekdays'] === undefined ? everyDay : factors('weekdays', 7),
  };
};

const everyDay: readonly number[] = [1, 1, 1, 1, 1, 1, 1];

const readPool =
  (reader: DocumentReader) =>
  (value: unknown, path: string): PoolDocument => {
    const fields = reader.object(value, path, ['role', 'stages', 'count', 'order']);
    return {
      role: reader.oneOf(fields['role'], `${path}.role`, roles),
      stages: reader.list(fields['stages'], `${path}.stages`, (name, at) => reader.id(name, at)),
      count: whole(reader, fields['count'], `${path}.count`, ranges.count),
      order: reader.oneOf(fields['order'] ?? 'first-come', `${path}.order`, queueOrders),
    };
  };

const readArm =
  (reader: DocumentReader) =>
  (value: unknown, path: string): ArmDocument => {
    const known = ['name', 'levers', 'pools', 'oversubscription', 'air_oversubscription'];
    const fields = reader.object(value, path, [
      ...known,
      ...['aware', 'uniform_caps', 'disturbances', 'routing', 'colocate'],
    ]);
    const over = (key: string): number | undefined =>
      reader.optionalNumber(fields[key], `${path}.${key}`, ranges.oversubscription);
    const oversubscription = over('oversubscription');
    const airOversubscription = over('air_oversubscription');
    const aware =
      fields['aware'] === undefined
        ? awareDefault
        : reader.list(
            ...([fields['aware'], `${path}.aware`] as const),
            (name, at) => reader.oneOf(name, at, awareOf),
            { min: 0 },
          );
    const names = reader.list(
      fields['levers'] ?? [],
      `${path}.levers`,
      (name, at) => reader.oneOf(name, at, ['place', 'route', 'reconfigure']),
      { min: 0 },
    );
    const pools = fields['pools'];
    return {
      ...{ name: reader.id(fields['name'], `${path}.name`), levers: leversOf(names) },
      ...(oversubscription !== undefined && { oversubscription }),
      ...(airOversubscription !== undefined && { airOversubscription }),
      ...(fields['disturbances'] !== undefined && {
        disturbances: readDisturbances(reader, fields['disturbances'], `${path}.disturbances`),
      }),
      ...{ aware, uniformCaps: fields['uniform_caps'] === true },
      routing: reader.oneOf(fields['routing'] ?? 'policy', `${path}.routing`, [
        'policy',
        'in-turn',
      ]),
      ...(pools !== undefined && { pools: reader.list(pools, `${path}.pools`, readPool(reader)) }),
      ...colocateIn(reader, fields['colocate'], `${path}.colocate`),
    };
  };

/** What packages/policy does when nobody says otherwise. */
const awareDefault: readonly AwareOf[] = ['stages', 'heat'];

const leversOf = (names: readonly string[]): Levers => ({
  place: names.includes('place'),
  route: names.includes('route'),
  reconfigure: names.includes('reconfigure'),
});

const readRoom = (reader: DocumentReader, value: unknown): RoomDocument => {
  const keys = ['file', 'example', 'period_s', 'plan_period_s', 'substep_s', 'disturbances'];
  const more = [
    'opaque_utilisation',
    'rise_spread_share',
    'quiet_period_s',
    'weather',
    'customers',
  ];
  const fields = reader.object(value, 'room', [...keys, ...more]);
  const quietPeriodS = reader.optionalNumber(
    ...([fields['quiet_period_s'], 'room.quiet_period_s', ranges.period] as const),
  );
  const optional = (key: string, range: NumberRange, otherwise: number): number =>
    numberOr(reader, fields[key], `room.${key}`, range, otherwise);
  const { file, example } = fields;
  if ((file === undefined) === (example === undefined)) {
    reader.problem('room', 'needs a file or an example, one of them');
  }
  return {
    plan:
      file === undefined
        ? { kind: 'example', options: readExample(reader, example) }
        : { kind: 'file', file: reader.text(file, 'room.file', textLengthMax) },
    periodS: optional('period_s', ranges.period, 10),
    planPeriodS: optional('plan_period_s', ranges.period, 30),
    substepS: optional('substep_s', ranges.period, 1),
    ...(quietPeriodS !== undefined && { quietPeriodS }),
    ...(fields['weather'] !== undefined && { weather: readWeather(reader, fields['weather']) }),
    ...(fields['customers'] !== undefined && {
      customers: readCustomers(reader, fields['customers']),
    }),
    opaqueUtilisation: optional('opaque_utilisation', ranges.share, 0.6),
    riseSpreadShare: optional('rise_spread_share', ranges.share, 0),
    disturbances: readDisturbances(reader, fields['disturbances'] ?? [], 'room.disturbances'),
  };
};

const readWeather = (reader: DocumentReader, value: unknown) => {
  const fields = reader.object(value, 'room.weather', ['file', 'start_hour']);
  return {
    file: reader.text(fields['file'], 'room.weather.file', textLengthMax),
    startHour: numberOr(reader, fields['start_hour'], 'room.weather.start_hour', ranges.hour, 0),
  };
};

const readCustomers = (reader: DocumentReader, value: unknown): CustomerOptions => {
  const path = 'room.customers';
  const fields = reader.object(value, path, ['servers', 'servers_max', 'most_shares']);
  const shares = reader.list(fields['most_shares'], `${path}.most_shares`, (each, at) =>
    reader.number(each, at, ranges.share),
  );
  if (shares.length !== 2) reader.problem(`${path}.most_shares`, 'needs two numbers');
  return {
    servers: whole(reader, fields['servers'], `${path}.servers`, ranges.count),
    serversMax: whole(reader, fields['servers_max'], `${path}.servers_max`, ranges.count),
    mostShares: [shares[0] ?? 0, shares[1] ?? 1],
  };
};

const readExample = (reader: DocumentReader, value: unknown): Partial<ExampleRoomOptions> => {
  const counts = ['aisles', 'rows_per_aisle', 'racks_per_row', 'servers_per_rack'] as const;
  const others = ['kind', 'opaque_every', 'outside_c', 'power_oversubscription'];
  const fields = reader.object(value ?? {}, 'room.example', [
    ...[...counts, ...others, 'air_oversubscription', 'airflow_margin', 'place_bias_scale'],
  ]);
  const at = (key: string): string => `room.example.${key}`;
  const count = (key: string, otherwise: number): number =>
    fields[key] === undefined ? otherwise : whole(reader, fields[key], at(key), ranges.count);
  const kinds = Object.keys(serverClasses) as [ServerKind, ...ServerKind[]];
  const factor = { min: 0.1, max: 10 };
  return {
    aisles: count('aisles', 1),
    rowsPerAisle: count('rows_per_aisle', 2),
    racksPerRow: count('racks_per_row', 2),
    serversPerRack: count('servers_per_rack', 4),
    kind: reader.oneOf(fields['kind'] ?? 'dgx-h100', at('kind'), kinds),
    placeBiasScale: numberOr(
      ...([reader, fields['place_bias_scale'], at('place_bias_scale'), factor, 1] as const),
    ),
    airflowMargin: numberOr(
      ...([reader, fields['airflow_margin'], at('airflow_margin'), factor, 1] as const),
    ),
    opaqueEvery: numberOr(reader, fields['opaque_every'], at('opaque_every'), ranges.images, 0),
    outside: {
      kind: 'constant',
      temperatureC: numberOr(reader, fields['outside_c'], at('outside_c'), ranges.temperature, 22),
    },
    powerOversubscription: numberOr(
      ...([
        reader,
        fields['power_oversubscription'],
        at('power_oversubscription'),
        factor,
        1,
      ] as const),
    ),
    airOversubscription: numberOr(
      ...([reader, fields['air_oversubscription'], at('air_oversubscription'), factor, 1] as const),
    ),
  };
};

const readDisturbances = (reader: DocumentReader, value: unknown, path: string) =>
  reader.list(value, path, readDisturbance(reader), { min: 0 });

const kinds = ['cooling', 'ahu', 'power', 'ups', 'heat-wave'] as const;

const readDisturbance = (reader: DocumentReader) => (value: unknown, path: string) => {
  const keys = ['from_s', 'until_s', 'kind', 'share', 'aisle', 'ahu', 'ups', 'row', 'add_k'];
  const fields = reader.object(value, path, keys);
  const text = (key: string): string => reader.id(fields[key], `${path}.${key}`);
  const share = (): number => reader.number(fields['share'], `${path}.share`, ranges.share);
  const kind = reader.oneOf(fields['kind'], `${path}.kind`, kinds);
  const disturbanceOf = (): Disturbance => {
    // What an unknown kind needs nobody can say.
    if (kind !== fields['kind']) return { kind: 'heat-wave', addK: 0 };
    switch (kind) {
      case 'cooling':
        return { kind, aisle: text('aisle'), share: share() };
      case 'ahu':
        return { kind, ahu: text('ahu') };
      case 'ups':
        return { kind, ups: text('ups') };
      case 'heat-wave':
        return { kind, addK: reader.number(fields['add_k'], `${path}.add_k`, { min: 0, max: 40 }) };
      case 'power':
        return {
          ...{ kind, share: share() },
          ...(fields['row'] !== undefined && { row: text('row') }),
          ...(fields['ups'] !== undefined && { ups: text('ups') }),
        };
      default:
        return kind satisfies never;
    }
  };
  return {
    fromS: reader.number(fields['from_s'], `${path}.from_s`, ranges.seconds),
    untilS: numberOr(reader, fields['until_s'], `${path}.until_s`, ranges.seconds, Infinity),
    disturbance: disturbanceOf(),
  };
};

const numberOr = (
  reader: DocumentReader,
  value: unknown,
  path: string,
  range: NumberRange,
  otherwise: number,
): number => reader.optionalNumber(value, path, range) ?? otherwise;

const whole = (
  reader: DocumentReader,
  value: unknown,
  path: string,
  range: NumberRange,
): number => {
  const read = reader.number(value, path, range);
  if (!Number.isInteger(read)) reader.problem(path, `must be a whole number, not ${read}`);
  return read;
};
