import type { ModelProfile, ProfileEntry } from './model-profile.ts';

/** Digits that a figure is written with: more would promise what nobody measured. */
const digits = 5;

/** A profile as it stands in a file: what `checkModelProfile` reads, figures rounded to five digits. */
export const profileDocument = (profile: ModelProfile): Readonly<Record<string, unknown>> => ({
  name: profile.name,
  model: profile.model,
  reading: profile.reading,
  ...known({ quality: profile.quality }),
  sources: profile.sources.map(({ id, kind, text }) => ({ id, kind, text })),
  shape: {
    context_max_tokens: profile.shape.contextMaxTokens,
    image_tokens: profile.shape.imageTokens,
    hidden_size: profile.shape.hiddenSize,
    kv_bytes_per_token: profile.shape.kvBytesPerToken,
  },
  stages: profile.stages.map(stageDocument),
});

const stageDocument = (entry: ProfileEntry): Readonly<Record<string, unknown>> => ({
  ...{ name: entry.name, stage: entry.stage, hardware: entry.hardware, gpus: entry.gpus },
  ...known({ threads: entry.threads }),
  ...{ precision: entry.precision, batch_max: entry.batchMax },
  ...known({
    tokens_max: entry.tokensMax,
    kv_tokens_max: entry.kvTokensMax,
    bytes_per_token: entry.bytesPerToken,
    idle_w: rounded(entry.idleW),
    clock_fixed_share: rounded(entry.clockFixedShare),
    media_token_share: rounded(entry.mediaTokenShare),
  }),
  ...{ start_s: rounded(entry.startS), source: entry.source },
  points: entry.points.map((point) => ({
    ...{ batch: point.batch, tokens: point.tokens, latency_ms: rounded(point.latencyMs) },
    ...known({ power_w: rounded(point.powerW), source: point.source }),
  })),
  ...(entry.load.length === 0 ? {} : { load: entry.load.map(loadDocument) }),
});

const loadDocument = (point: ProfileEntry['load'][number]): Readonly<Record<string, unknown>> => ({
  offered_tokens_per_s: rounded(point.offeredTokensPerS),
  done_tokens_per_s: rounded(point.doneTokensPerS),
  p50_ms: rounded(point.p50Ms),
  p99_ms: rounded(point.p99Ms),
  busy_share: rounded(point.busyShare),
  ...known({ power_w: rounded(point.powerW), source: point.source }),
});

const rounded = <Value extends number | undefined>(value: Value): Value =>
  (value === undefined ? value : Number(value.toPrecision(digits))) as Value;

/** Only what has a value. */
const known = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
