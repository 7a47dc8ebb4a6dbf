import { cycleProblem } from '../document/cycle.ts';
import {
  type DocumentProblem,
  type DocumentReader,
  documentReader,
  type NumberRange,
} from '../document/document-reader.ts';
import {
  type LoadPoint,
  type ModelProfile,
  type ProfileEntry,
  type ProfileShape,
  type ProfileSource,
  type SourcedPoint,
  sourceKinds,
} from './model-profile.ts';

/** A profile that can be served and simulated, or everything that is wrong with it. */
export type CheckedModelProfile =
  | { readonly kind: 'ok'; readonly profile: ModelProfile }
  | { readonly kind: 'refused'; readonly problems: readonly DocumentProblem[] };

/** Widest values that a profile may have; outside them it is a slip of a unit. */
export const profileRanges = {
  count: { min: 1, max: 1e9 },
  gpus: { min: 0, max: 1024 },
  threads: { min: 1, max: 4096 },
  batch: { min: 1, max: 65_536 },
  tokens: { min: 0, max: 1e8 },
  latencyMs: { min: 0, max: 1e7 },
  powerW: { min: 0, max: 1e6 },
  startS: { min: 0, max: 86_400 },
  share: { min: 0, max: 1 },
  tokensPerS: { min: 0, max: 1e12 },
} as const satisfies Readonly<Record<string, NumberRange>>;

const ranges = profileRanges;
const textLengthMax = 200;
const sourceLengthMax = 2000;

/** Checks what a YAML or JSON parser returned: unknown keys, units, holes in grids, sources that are not there, all at once. */
export const checkModelProfile = (value: unknown): CheckedModelProfile => {
  const cycle = cycleProblem(value);
  if (cycle !== undefined) return { kind: 'refused', problems: [cycle] };
  const reader = documentReader();
  const profile = readProfile(reader, value);
  referenceProblems(reader, profile);
  return reader.problems.length === 0
    ? { kind: 'ok', profile }
    : { kind: 'refused', problems: reader.problems };
};

const readProfile = (reader: DocumentReader, value: unknown): ModelProfile => {
  const keys = ['name', 'model', 'reading', 'quality', 'sources', 'shape', 'stages'];
  const fields = reader.object(value, '', keys);
  const model = reader.text(fields['model'], 'model', textLengthMax);
  return {
    name: reader.id(fields['name'], 'name'),
    model,
    reading: reader.oneOf(fields['reading'], 'reading', ['decoder-only', 'cross-attention']),
    ...present('quality', reader.optionalNumber(fields['quality'], 'quality', ranges.share)),
    sources: reader.list(fields['sources'], 'sources', readSource(reader)),
    shape: readShape(reader, fields['shape']),
    stages: reader.list(fields['stages'], 'stages', readStage(reader, model)),
  };
};

const readSource =
  (reader: DocumentReader) =>
  (value: unknown, path: string): ProfileSource => {
    const fields = reader.object(value, path, ['id', 'kind', 'text']);
    return {
      id: reader.id(fields['id'], `${path}.id`),
      kind: reader.oneOf(fields['kind'], `${path}.kind`, sourceKinds),
      text: reader.text(fields['text'], `${path}.text`, sourceLengthMax),
    };
  };

const readShape = (reader: DocumentReader, value: unknown): ProfileShape => {
  const keys = ['context_max_tokens', 'image_tokens', 'hidden_size', 'kv_bytes_per_token'];
  const fields = reader.object(value, 'shape', keys);
  const count = (key: string): number => whole(reader, fields[key], `shape.${key}`, ranges.count);
  return {
    contextMaxTokens: count('context_max_tokens'),
    imageTokens: count('image_tokens'),
    hiddenSize: count('hidden_size'),
    kvBytesPerToken: count('kv_bytes_per_token'),
  };
};

const stageKeys = [
  ...['name', 'stage', 'hardware', 'gpus', 'threads', 'precision', 'batch_max', 'tokens_max'],
  ...['kv_tokens_max', 'bytes_per_token', 'idle_w', 'clock_fixed_share', 'media_token_share'],
  ...['quality', 'start_s', 'source', 'points', 'load'],
];

const readStage =
  (reader: DocumentReader, model: string) =>
  (value: unknown, path: string): ProfileEntry => {
    const fields = reader.object(value, path, stageKeys);
    const optional = <Key extends string>(key: Key, name: string, range: NumberRange) =>
      present(key, reader.optionalNumber(fields[name], `${path}.${name}`, range));
    const entry: ProfileEntry = {
      name: reader.id(fields['name'], `${path}.name`),
      stage: reader.oneOf(fields['stage'], `${path}.stage`, ['encode', 'prefill', 'decode']),
      model,
      hardware: reader.id(fields['hardware'], `${path}.hardware`),
      gpus: whole(reader, fields['gpus'], `${path}.gpus`, ranges.gpus),
      ...optional('threads', 'threads', ranges.threads),
      precision: reader.text(fields['precision'], `${path}.precision`, textLengthMax),
      batchMax: whole(reader, fields['batch_max'], `${path}.batch_max`, ranges.batch),
      ...optional('tokensMax', 'tokens_max', ranges.count),
      ...optional('kvTokensMax', 'kv_tokens_max', ranges.count),
      ...optional('bytesPerToken', 'bytes_per_token', ranges.count),
      ...optional('idleW', 'idle_w', ranges.powerW),
      ...optional('clockFixedShare', 'clock_fixed_share', ranges.share),
      ...optional('mediaTokenShare', 'media_token_share', ranges.share),
      ...optional('quality', 'quality', ranges.share),
      startS: reader.number(fields['start_s'], `${path}.start_s`, ranges.startS),
      source: reader.id(fields['source'], `${path}.source`),
      points: reader.list(fields['points'], `${path}.points`, readPoint(reader)),
      load: reader.list(fields['load'] ?? [], `${path}.load`, readLoad(reader), { min: 0 }),
    };
    gridProblems(reader, entry, path);
    loadProblems(reader, entry, path);
    return entry;
  };

/** A property that is there only where it has a value. */
const present = <Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [Name in Key]?: Value } =>
  // The compiler does not follow a computed key.
  value === undefined ? {} : ({ [key]: value } as { readonly [Name in Key]: Value });

const readPoint =
  (reader: DocumentReader) =>
  (value: unknown, path: string): SourcedPoint => {
    const fields = reader.object(value, path, [
      'batch',
      'tokens',
      'latency_ms',
      'power_w',
      'source',
    ]);
    const power = reader.optionalNumber(fields['power_w'], `${path}.power_w`, ranges.powerW);
    return {
      batch: whole(reader, fields['batch'], `${path}.batch`, ranges.batch),
      tokens: reader.number(fields['tokens'], `${path}.tokens`, ranges.tokens),
      latencyMs: reader.number(fields['latency_ms'], `${path}.latency_ms`, ranges.latencyMs),
      ...present('powerW', power),
      ...present('source', optionalId(reader, fields['source'], `${path}.source`)),
    };
  };

const optionalId = (reader: DocumentReader, value: unknown, path: string): string | undefined =>
  value === undefined ? undefined : reader.id(value, path);

const loadKeys = [
  ...['offered_tokens_per_s', 'done_tokens_per_s', 'p50_ms', 'p99_ms', 'busy_share', 'power_w'],
  'source',
];

const readLoad =
  (reader: DocumentReader) =>
  (value: unknown, path: string): LoadPoint => {
    const fields = reader.object(value, path, loadKeys);
    const number = (key: string, range: NumberRange): number =>
      reader.number(fields[key], `${path}.${key}`, range);
    const power = reader.optionalNumber(fields['power_w'], `${path}.power_w`, ranges.powerW);
    return {
      offeredTokensPerS: number('offered_tokens_per_s', ranges.tokensPerS),
      doneTokensPerS: number('done_tokens_per_s', ranges.tokensPerS),
      p50Ms: number('p50_ms', ranges.latencyMs),
      p99Ms: number('p99_ms', ranges.latencyMs),
      busyShare: number('busy_share', ranges.share),
      ...present('powerW', power),
      ...present('source', optionalId(reader, fields['source'], `${path}.source`)),
    };
  };

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

/** Interpolation needs every batch with every number of tokens, once. */
const gridProblems = (reader: DocumentReader, entry: ProfileEntry, path: string): void => {
  const seen = new Set<string>();
  entry.points.forEach(({ batch, tokens }, index) => {
    const key = `${batch} × ${tokens}`;
    if (seen.has(key)) reader.problem(`${path}.points[${index}]`, `is a second ${key} tokens`);
    seen.add(key);
    if (batch > entry.batchMax) {
      reader.problem(`${path}.points[${index}].batch`, `is more than batch_max, ${entry.batchMax}`);
    }
  });
  const sizes = new Set(entry.points.map(({ tokens }) => tokens));
  for (const batch of new Set(entry.points.map((point) => point.batch))) {
    for (const tokens of sizes) {
      const key = `${batch} × ${tokens}`;
      if (!seen.has(key)) reader.problem(`${path}.points`, `lacks ${key} tokens: it is a grid`);
    }
  }
  const powers = entry.points.filter(({ powerW }) => powerW !== undefined).length;
  if (powers > 0 && powers < entry.points.length) {
    reader.problem(`${path}.points`, 'must have power_w at all points or at none');
  }
};

const loadProblems = (reader: DocumentReader, { load }: ProfileEntry, path: string): void => {
  load.forEach(({ offeredTokensPerS, p50Ms, p99Ms }, index) => {
    const at = `${path}.load[${index}]`;
    const before = load[index - 1];
    if (before !== undefined && offeredTokensPerS <= before.offeredTokensPerS) {
      reader.problem(`${at}.offered_tokens_per_s`, 'must be more than the one before');
    }
    if (p99Ms < p50Ms) reader.problem(`${at}.p99_ms`, 'must not be less than p50_ms');
  });
};

const referenceProblems = (reader: DocumentReader, profile: ModelProfile): void => {
  const sources = new Set<string>();
  profile.sources.forEach(({ id }, index) => {
    if (id !== '' && sources.has(id))
      reader.problem(`sources[${index}].id`, `${id} is there twice`);
    sources.add(id);
  });
  const dangling = (source: string | undefined, path: string): void => {
    if (source === undefined || source === '' || sources.has(source)) return;
    reader.problem(`${path}.source`, `names ${source}, which is no source here`);
  };
  const names = new Set<string>();
  profile.stages.forEach((stage, index) => {
    const path = `stages[${index}]`;
    if (stage.name !== '' && names.has(stage.name)) {
      reader.problem(`${path}.name`, `${stage.name} is there twice`);
    }
    names.add(stage.name);
    dangling(stage.source, path);
    stage.points.forEach(({ source }, at) => dangling(source, `${path}.points[${at}]`));
    stage.load.forEach(({ source }, at) => dangling(source, `${path}.load[${at}]`));
  });
};
