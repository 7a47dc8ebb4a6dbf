import { z } from 'zod';
import { quantityNames } from '../../telemetry/quantity.ts';
import { sourceNamePattern } from '../../telemetry/source.ts';

/** Most sources of one file. */
export const sourcesMax = 1_000;

const id = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]{0,63}$/,
    'must be an id of the room: lower-case letters, digits, . and -',
  );
const gpuIndex = z.int().min(0).max(255);
const gpuId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]{0,63}\/(?:0|[1-9]\d{0,2})$/,
    'must be a GPU of the room, as SERVER/INDEX',
  );
const label = z.string().min(1).max(256);
const path = z.string().min(1).max(1_024);
const byteCount = z
  .int()
  .min(1_024)
  .max(256 << 20);

const common = {
  name: z.string().regex(sourceNamePattern, 'must have 1 to 64 of letters, digits and ._-'),
  every_ms: z.int().min(100).max(3_600_000),
  timeout_ms: z.int().min(10).max(600_000),
  backoff_ms_max: z.int().min(100).max(3_600_000).default(30_000),
};

const address = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .refine((text) => {
    const { username, password } = new URL(text);
    return username === '' && password === '';
  }, 'must not have a user or a password in it: use `auth`');

const tls = z.strictObject({ ca_file: path.optional(), verify: z.boolean().default(true) });

const dcgm = z.strictObject({
  kind: z.literal('dcgm'),
  ...common,
  every_ms: common.every_ms.default(1_000),
  timeout_ms: common.timeout_ms.default(2_000),
  url: address,
  server: id.optional(),
  servers: z.record(label, id).default({}),
  gpus: z.record(label, gpuId).default({}),
  tls: tls.optional(),
  bytes_max: byteCount.default(8 << 20),
});

const secret = {
  user: z.string().min(1).max(256),
  password_env: z.string().min(1).max(256).optional(),
  password_file: path.optional(),
};
const auth = z
  .strictObject({
    kind: z.enum(['none', 'basic', 'session']),
    ...secret,
    user: secret.user.optional(),
  })
  .refine(
    ({ kind, user, password_env: env, password_file: file }) =>
      kind === 'none'
        ? user === undefined && env === undefined && file === undefined
        : user !== undefined && (env === undefined) !== (file === undefined),
    'must have a user and either password_env or password_file, or be of kind none alone',
  );

const redfish = z
  .strictObject({
    kind: z.literal('redfish'),
    ...common,
    every_ms: common.every_ms.default(5_000),
    timeout_ms: common.timeout_ms.default(10_000),
    url: address,
    server: id.optional(),
    of: z.strictObject({ kind: z.enum(['rack', 'row', 'ups', 'aisle']), id }).optional(),
    chassis: z.array(label).max(64).default([]),
    gpus: z.record(label, gpuIndex).default({}),
    auth: auth.default({ kind: 'none' }),
    tls: tls.optional(),
    requests_max: z.int().min(2).max(10_000).default(128),
    parallel_max: z.int().min(1).max(64).default(4),
    bytes_max: byteCount.default(1 << 20),
  })
  .refine(({ server, of }) => (server === undefined) !== (of === undefined), {
    error: 'must have either server or of',
    path: ['server'],
  });

const nvidiaSmi = z.strictObject({
  kind: z.literal('nvidia_smi'),
  ...common,
  every_ms: common.every_ms.default(1_000),
  timeout_ms: common.timeout_ms.default(5_000),
  server: id,
  command: z.array(label).min(1).max(32).default(['nvidia-smi']),
});

const hwmon = z.strictObject({
  kind: z.literal('hwmon'),
  ...common,
  every_ms: common.every_ms.default(1_000),
  timeout_ms: common.timeout_ms.default(2_000),
  server: id,
  root: path.default('/sys'),
  sensors: z
    .array(
      z.strictObject({
        chip: label,
        label: label.optional(),
        sensor: label.optional(),
        gpu: gpuIndex.optional(),
        quantity: z.enum(quantityNames as [(typeof quantityNames)[number]]),
      }),
    )
    .max(256)
    .default([]),
});

const rapl = z.strictObject({
  kind: z.literal('rapl'),
  ...common,
  every_ms: common.every_ms.default(1_000),
  timeout_ms: common.timeout_ms.default(2_000),
  server: id,
  root: path.default('/sys'),
  of: z.enum(['gpus', 'server']).default('gpus'),
  base_w: z.number().min(0).max(10_000).default(0),
});

const instances = z.strictObject({
  kind: z.literal('instances'),
  ...common,
  every_ms: common.every_ms.default(1_000),
  timeout_ms: common.timeout_ms.default(1_000),
});

/** One source as its file describes it, keys as there. */
export const sourcePlan = z.discriminatedUnion('kind', [
  dcgm,
  redfish,
  nvidiaSmi,
  hwmon,
  rapl,
  instances,
]);

export type SourcePlan = z.infer<typeof sourcePlan>;
export type SourcePlanOf<K extends SourcePlan['kind']> = Extract<SourcePlan, { readonly kind: K }>;

const sourceFile = z.strictObject({ sources: z.array(sourcePlan).max(sourcesMax) });

/** The sources of a parsed file, or all that is wrong with it, a line each. */
export type CheckedSources =
  | { readonly kind: 'ok'; readonly sources: readonly SourcePlan[] }
  | {
      readonly kind: 'refused';
      readonly problems: readonly string[];
      /** Those that are sound by themselves at their places, so that more can be said of them. */
      readonly sound: readonly (SourcePlan | undefined)[];
    };

/** More would not be read by anybody. */
const problemsMax = 100;

export const checkSources = (value: unknown): CheckedSources => {
  const parsed = sourceFile.safeParse(value);
  const problems = parsed.success ? [] : parsed.error.issues.map(problemOf);
  const all = [...problems, ...doubleNames(value)].slice(0, problemsMax);
  return parsed.success && all.length === 0
    ? { kind: 'ok', sources: parsed.data.sources }
    : { kind: 'refused', problems: all, sound: soundOf(value) };
};

const givenSources = (value: unknown): readonly unknown[] => {
  const { sources } = (value ?? {}) as { readonly sources?: unknown };
  return Array.isArray(sources) ? (sources as readonly unknown[]).slice(0, sourcesMax) : [];
};

const soundOf = (value: unknown): readonly (SourcePlan | undefined)[] =>
  givenSources(value).map((source) => sourcePlan.safeParse(source).data);

/** `sources[2].url: must be an http or https URL`. */
const problemOf = ({ path: where, message }: z.core.$ZodIssue): string => {
  const place = where.reduce<string>(
    (text, key) =>
      typeof key === 'number'
        ? `${text}[${key}]`
        : `${text}${text === '' ? '' : '.'}${String(key)}`,
    '',
  );
  return `${place === '' ? 'the file' : place}: ${message}`;
};

/** Two sources of one name would be one to the intake. Looked for in what was given, so that it is said with the rest. */
const doubleNames = (value: unknown): readonly string[] => {
  const seen = new Map<unknown, number>();
  return givenSources(value).flatMap((source, index) => {
    const name = (source as { readonly name?: unknown } | null)?.name;
    const before = seen.get(name);
    if (before === undefined) seen.set(name, index);
    if (typeof name !== 'string' || before === undefined) return [];
    return [`sources[${index}].name: sources[${before}] is called ${name.slice(0, 64)}, too`];
  });
};
