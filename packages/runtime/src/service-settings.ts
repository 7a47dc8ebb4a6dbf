import { choice, flag, integer, type Schema, text } from './settings.ts';

/** Configuration that every service process has. */
export interface ServiceSettings {
  readonly redisUrl: string;
  readonly redisPrefix: string;
  readonly listen: string;
  readonly advertiseHost: string;
  readonly advertisePort: number;
  readonly engine: 'onnx' | 'profile' | 'upstream';
  readonly modelDir: string;
  readonly profile: string;
  readonly profileFile: string;
  readonly profileEntries: string;
  readonly reflection: boolean;
  readonly logLevel: string;
  readonly drainGraceMs: number;
}

export const serviceSettings: Schema<ServiceSettings> = {
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
  advertisePort: integer({
    env: 'ISOTHERM_ADVERTISE_PORT',
    about: 'port that peers reach this process by, behind a proxy; 0 for the one it listens on',
    fallback: 0,
    min: 0,
    max: 65_535,
  }),
  engine: choice({
    env: 'ISOTHERM_ENGINE',
    about: 'what runs the model; upstream: servers, behind instances of services/upstream',
    fallback: 'onnx',
    choices: ['onnx', 'profile', 'upstream'],
  }),
  modelDir: text({
    env: 'ISOTHERM_MODEL_DIR',
    about: 'model folder in the layout of transformers.js exports',
    fallback: '',
  }),
  profile: text({
    env: 'ISOTHERM_PROFILE',
    about: 'engine profile: its times and sizes as JSON',
    fallback: '{}',
  }),
  profileFile: text({
    env: 'ISOTHERM_PROFILE_FILE',
    about:
      'engine profile: a file that says what stages take, docs/profiles.md; none: straight lines',
    fallback: '',
  }),
  profileEntries: text({
    env: 'ISOTHERM_PROFILE_ENTRIES',
    about: "names of the file's entries that are served, by commas; else the first of each stage",
    fallback: '',
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
};

/** Of services that serve figures to Prometheus. */
export const metricsListen = text({
  env: 'ISOTHERM_METRICS_LISTEN',
  about: 'HTTP host:port of /metrics; port 0 takes a free one, empty serves none',
  fallback: '127.0.0.1:0',
});
