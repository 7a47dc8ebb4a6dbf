import { choice, flag, integer, type Schema, text } from '@isotherm/runtime';

/** Configuration that all stage services share; every bound has its unit in its name. */
export interface StageSettings {
  readonly redisUrl: string;
  readonly redisPrefix: string;
  readonly listen: string;
  readonly advertiseHost: string;
  readonly engine: 'onnx' | 'profile';
  readonly modelDir: string;
  readonly precision: string;
  readonly threads: number;
  readonly reflection: boolean;
  readonly logLevel: string;
  readonly drainGraceMs: number;
  readonly heartbeatMs: number;
  readonly leaseBytesMax: number;
  readonly payloadBytesMax: number;
  readonly concurrency: number;
  readonly profile: string;
  readonly slots: number;
  readonly contextMax: number;
  readonly batchMax: number;
}

export const stageSettings: Schema<StageSettings> = {
  redisUrl: text({
    env: 'REDIS_URL',
    about: 'Redis of the lanes and the registry, redis://host:port',
  }),
  redisPrefix: text({
    env: 'ISOTHERM_PREFIX',
    about: 'prefix of every Redis key',
    fallback: 'isotherm',
  }),
  listen: text({
    env: 'ISOTHERM_LISTEN',
    about: 'gRPC host:port; port 0 takes a free one',
    fallback: '127.0.0.1:0',
  }),
  advertiseHost: text({
    env: 'ISOTHERM_ADVERTISE_HOST',
    about: 'host that peers reach this process by',
    fallback: '127.0.0.1',
  }),
  engine: choice({
    env: 'ISOTHERM_ENGINE',
    about: 'what runs the model',
    fallback: 'onnx',
    choices: ['onnx', 'profile'],
  }),
  modelDir: text({
    env: 'ISOTHERM_MODEL_DIR',
    about: 'model folder in the layout of transformers.js exports',
    fallback: '',
  }),
  precision: text({
    env: 'ISOTHERM_PRECISION',
    about: 'variant of the ONNX files: fp32, int8, …',
    fallback: 'fp32',
  }),
  threads: integer({
    env: 'ISOTHERM_THREADS',
    about: 'intra-op threads of the engine',
    fallback: 1,
    min: 1,
    max: 256,
  }),
  reflection: flag({
    env: 'ISOTHERM_REFLECTION',
    about: 'serve gRPC reflection (development)',
    fallback: false,
  }),
  logLevel: choice({
    env: 'ISOTHERM_LOG_LEVEL',
    about: 'least level that is logged',
    fallback: 'info',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
  }),
  drainGraceMs: integer({
    env: 'ISOTHERM_DRAIN_GRACE_MS',
    about: 'longest wait for running work when draining, in milliseconds',
    fallback: 10_000,
    min: 0,
    max: 3_600_000,
  }),
  heartbeatMs: integer({
    env: 'ISOTHERM_HEARTBEAT_MS',
    about: 'time between load events on every stream, in milliseconds',
    fallback: 500,
    min: 10,
    max: 60_000,
  }),
  leaseBytesMax: integer({
    env: 'ISOTHERM_LEASE_BYTES_MAX',
    about: 'most bytes of payloads kept for peers',
    fallback: 1 << 30,
    min: 1,
    max: 2 ** 40,
  }),
  payloadBytesMax: integer({
    env: 'ISOTHERM_PAYLOAD_BYTES_MAX',
    about: 'largest payload pulled from a peer, in bytes',
    fallback: 1 << 29,
    min: 1,
    max: 2 ** 32,
  }),
  concurrency: integer({
    env: 'ISOTHERM_CONCURRENCY',
    about: 'most jobs taken from the lane at once',
    fallback: 64,
    min: 1,
    max: 4096,
  }),
  profile: text({
    env: 'ISOTHERM_PROFILE',
    about: 'engine profile: its times and sizes as JSON',
    fallback: '{}',
  }),
  slots: integer({
    env: 'ISOTHERM_SLOTS',
    about: 'decode: most sequences in the running batch',
    fallback: 32,
    min: 1,
    max: 4096,
  }),
  contextMax: integer({
    env: 'ISOTHERM_CONTEXT_MAX',
    about: 'decode: longest context in tokens; 0 takes that of the model',
    fallback: 0,
    min: 0,
    max: 1 << 20,
  }),
  batchMax: integer({
    env: 'ISOTHERM_BATCH_MAX',
    about: 'encode: most media in one batch',
    fallback: 8,
    min: 1,
    max: 1024,
  }),
};
