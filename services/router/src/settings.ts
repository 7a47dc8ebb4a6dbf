import { sloClassesSetting, tenantsSetting, type TenantTable } from './admission/class-settings.ts';
import type { SloClasses } from '@isotherm/policy';
import { type ModelAliases, modelAliases } from './answer/model-aliases.ts';
import {
  integer,
  metricsListen,
  type Schema,
  type ServiceSettings,
  serviceSettings,
  text,
} from '@isotherm/runtime';
import { type PlacingSettings, placingSettings } from './placing-settings.ts';

/** Configuration of a router; every bound has its unit in its name. */
export interface RouterSettings extends ServiceSettings, PlacingSettings {
  readonly httpHost: string;
  readonly httpPort: number;
  readonly metricsListen: string;
  readonly modelDirs: string;
  readonly modelAliases: ModelAliases;
  readonly bodyBytesMax: number;
  readonly imagesMax: number;
  readonly imageBytesMax: number;
  readonly soundsMax: number;
  readonly soundBytesMax: number;
  readonly soundSecondsMax: number;
  readonly clipsMax: number;
  readonly clipBytesMax: number;
  readonly clipFramesMax: number;
  readonly requestsMax: number;
  readonly sloClasses: SloClasses;
  readonly tenants: TenantTable;
  readonly queueMax: number;
  readonly queueBytesMax: number;
  readonly stageBacklogMs: number;
  readonly placesPercent: number;
  readonly leaseBytesMax: number;
  readonly requestTimeoutMs: number;
  readonly requestTimeoutMsMax: number;
  readonly bodyBytesInFlightMax: number;
  readonly bodyReadMsMax: number;
  readonly bodyBytesInPlaceMax: number;
  readonly textLengthInPlaceMax: number;
  readonly asideMsMax: number;
  readonly largeAtOnceMax: number;
  readonly largeYieldMsMax: number;
  readonly largeTurnMsMax: number;
  readonly largePoolUrl: string;
  readonly largePoolConnectMsMax: number;
  readonly answerTokensDefault: number;
  readonly attemptsMax: number;
  readonly preemptionsMax: number;
  readonly instanceWaitMs: number;
  readonly silenceMs: number;
  readonly cacheKeysMax: number;
  readonly batchConcurrency: number;
  readonly batchesMax: number;
  readonly batchItemsMax: number;
  readonly batchBytesMax: number;
  readonly tenantBatchesMax: number;
  readonly tenantBatchBytesMax: number;
  readonly batchResultBytesMax: number;
  readonly batchRunMs: number;
  readonly batchKeptMs: number;
  readonly batchItemWaitMs: number;
  readonly tracesMax: number;
  readonly traceInstancesMax: number;
}

export const routerSettings: Schema<RouterSettings> = {
  ...serviceSettings,
  httpHost: text({
    env: 'ISOTHERM_HTTP_HOST',
    about: 'host that the HTTP API listens on',
    fallback: '127.0.0.1',
  }),
  httpPort: integer({
    env: 'ISOTHERM_HTTP_PORT',
    about: 'port of the HTTP API; 0 takes a free one',
    fallback: 0,
    min: 0,
    max: 65_535,
  }),
  metricsListen,
  modelDirs: text({
    env: 'ISOTHERM_MODEL_DIRS',
    about: 'folders of several models with `:` between them; if not given, ISOTHERM_MODEL_DIR',
    fallback: '',
  }),
  modelAliases,
  bodyBytesMax: integer({
    env: 'ISOTHERM_BODY_BYTES_MAX',
    about: 'largest HTTP body in bytes',
    fallback: 48 << 20,
    min: 1024,
    max: 1 << 30,
  }),
  imagesMax: integer({
    env: 'ISOTHERM_IMAGES_MAX',
    about: 'most images in one request',
    fallback: 8,
    min: 0,
    max: 1024,
  }),
  imageBytesMax: integer({
    env: 'ISOTHERM_IMAGE_BYTES_MAX',
    about: 'largest image file in bytes',
    fallback: 16 << 20,
    min: 1,
    max: 1 << 30,
  }),
  soundsMax: integer({
    env: 'ISOTHERM_SOUNDS_MAX',
    about: 'most sounds in one request',
    fallback: 8,
    min: 0,
    max: 1024,
  }),
  soundBytesMax: integer({
    env: 'ISOTHERM_SOUND_BYTES_MAX',
    about: 'largest sound file in bytes',
    fallback: 16 << 20,
    min: 1,
    max: 1 << 30,
  }),
  soundSecondsMax: integer({
    env: 'ISOTHERM_SOUND_SECONDS_MAX',
    about: 'longest sound in seconds; a model may take less',
    fallback: 600,
    min: 1,
    max: 86_400,
  }),
  clipsMax: integer({
    env: 'ISOTHERM_CLIPS_MAX',
    about: 'most clips in one request',
    fallback: 4,
    min: 0,
    max: 1024,
  }),
  clipBytesMax: integer({
    env: 'ISOTHERM_CLIP_BYTES_MAX',
    about: 'largest clip in bytes, as a file or as all its frames',
    fallback: 32 << 20,
    min: 1,
    max: 1 << 30,
  }),
  clipFramesMax: integer({
    env: 'ISOTHERM_CLIP_FRAMES_MAX',
    about: 'most frames of a clip',
    fallback: 1800,
    min: 1,
    max: 1 << 20,
  }),
  requestsMax: integer({
    env: 'ISOTHERM_REQUESTS_MAX',
    about: 'most requests in hand, those that wait included',
    fallback: 2048,
    min: 1,
    max: 1 << 20,
  }),
  sloClasses: sloClassesSetting,
  tenants: tenantsSetting,
  queueMax: integer({
    env: 'ISOTHERM_QUEUE_MAX',
    about: 'most requests that wait for their turn',
    fallback: 1024,
    min: 0,
    max: 1 << 20,
  }),
  queueBytesMax: integer({
    env: 'ISOTHERM_QUEUE_BYTES_MAX',
    about: 'most bytes of media and prompts of the requests that wait',
    fallback: 256 << 20,
    min: 0,
    max: 2 ** 40,
  }),
  stageBacklogMs: integer({
    env: 'ISOTHERM_STAGE_BACKLOG_MS',
    about: 'longest work in front of a stage that more is sent to, in milliseconds',
    fallback: 50,
    min: 0,
    max: 600_000,
  }),
  placesPercent: integer({
    env: 'ISOTHERM_PLACES_PERCENT',
    about: 'requests let in at once, for each hundred decode slots of the fleet',
    fallback: 125,
    min: 1,
    max: 100_000,
  }),
  leaseBytesMax: integer({
    env: 'ISOTHERM_LEASE_BYTES_MAX',
    about: 'most bytes of media and prompts kept for peers',
    fallback: 1 << 29,
    min: 1,
    max: 2 ** 40,
  }),
  requestTimeoutMs: integer({
    env: 'ISOTHERM_REQUEST_TIMEOUT_MS',
    about: 'deadline of a request that names none, in milliseconds',
    fallback: 120_000,
    min: 1,
    max: 86_400_000,
  }),
  requestTimeoutMsMax: integer({
    env: 'ISOTHERM_REQUEST_TIMEOUT_MS_MAX',
    about: 'longest deadline, in milliseconds; a longer one that a client asks for is cut to it',
    fallback: 3_600_000,
    min: 1,
    max: 86_400_000,
  }),
  bodyBytesInFlightMax: integer({
    env: 'ISOTHERM_BODY_BYTES_IN_FLIGHT_MAX',
    about: 'most bytes of HTTP bodies of all requests in hand; past it requests are refused',
    fallback: 512 << 20,
    min: 1024,
    max: 2 ** 40,
  }),
  bodyReadMsMax: integer({
    env: 'ISOTHERM_BODY_READ_MS_MAX',
    about: 'longest time that a client may take to send a request, in milliseconds',
    fallback: 60_000,
    min: 100,
    max: 3_600_000,
  }),
  bodyBytesInPlaceMax: integer({
    env: 'ISOTHERM_BODY_BYTES_IN_PLACE_MAX',
    about: 'largest HTTP body in bytes that is parsed on the event loop, not in a thread',
    fallback: 32_768,
    min: 0,
    max: 1 << 30,
  }),
  textLengthInPlaceMax: integer({
    env: 'ISOTHERM_TEXT_LENGTH_IN_PLACE_MAX',
    about: 'longest text in characters that is tokenised on the event loop, not in a thread',
    fallback: 8192,
    min: 0,
    max: 1 << 30,
  }),
  asideMsMax: integer({
    env: 'ISOTHERM_ASIDE_MS_MAX',
    about: 'longest time that the thread may take over one body or text, in milliseconds',
    fallback: 30_000,
    min: 100,
    max: 3_600_000,
  }),
  largeAtOnceMax: integer({
    env: 'ISOTHERM_LARGE_AT_ONCE_MAX',
    about: 'requests too large for the event loop that are read and handed to the stages at once',
    fallback: 1,
    min: 1,
    max: 1024,
  }),
  largeYieldMsMax: integer({
    env: 'ISOTHERM_LARGE_YIELD_MS_MAX',
    about: 'longest time that such a request is held back for small ones, in milliseconds',
    fallback: 20,
    min: 0,
    max: 60_000,
  }),
  largeTurnMsMax: integer({
    env: 'ISOTHERM_LARGE_TURN_MS_MAX',
    about: 'longest time that such a request holds others of its kind back, in milliseconds',
    fallback: 250,
    min: 1,
    max: 600_000,
  }),
  largePoolUrl: text({
    env: 'ISOTHERM_LARGE_POOL_URL',
    about:
      'HTTP address of a router of another fabric, which answers such requests; empty: this fabric does',
    fallback: '',
  }),
  largePoolConnectMsMax: integer({
    env: 'ISOTHERM_LARGE_POOL_CONNECT_MS_MAX',
    about: 'longest wait for a connection to it, in milliseconds; then this fabric answers',
    fallback: 500,
    min: 1,
    max: 60_000,
  }),
  answerTokensDefault: integer({
    env: 'ISOTHERM_ANSWER_TOKENS_DEFAULT',
    about: 'longest answer of a request that names none, in tokens',
    fallback: 256,
    min: 1,
    max: 1 << 20,
  }),
  attemptsMax: integer({
    env: 'ISOTHERM_ATTEMPTS_MAX',
    about: 'most attempts of one piece of stage work',
    fallback: 5,
    min: 1,
    max: 100,
  }),
  preemptionsMax: integer({
    env: 'ISOTHERM_PREEMPTIONS_MAX',
    about: 'how often a request may make room for others at decode instances',
    fallback: 16,
    min: 0,
    max: 1024,
  }),
  instanceWaitMs: integer({
    env: 'ISOTHERM_INSTANCE_WAIT_MS',
    about: 'longest wait for an instance when a stage has none, in milliseconds',
    fallback: 3000,
    min: 0,
    max: 600_000,
  }),
  silenceMs: integer({
    env: 'ISOTHERM_SILENCE_MS',
    about: 'an event stream without a word for this long counts as broken, in milliseconds',
    fallback: 2500,
    min: 100,
    max: 600_000,
  }),
  cacheKeysMax: integer({
    env: 'ISOTHERM_CACHE_KEYS_MAX',
    about: 'most keys remembered of what one instance holds in its cache',
    fallback: 16_384,
    min: 0,
    max: 1 << 20,
  }),
  tracesMax: integer({
    env: 'ISOTHERM_TRACES_MAX',
    about: 'how many requests are remembered for `isotherm explain`; 0 remembers none',
    fallback: 1024,
    min: 0,
    max: 1 << 20,
  }),
  traceInstancesMax: integer({
    env: 'ISOTHERM_TRACE_INSTANCES_MAX',
    about: 'most instances that are remembered of one placement: the best, then some dropped',
    fallback: 16,
    min: 1,
    max: 1 << 16,
  }),
  batchConcurrency: integer({
    env: 'ISOTHERM_BATCH_CONCURRENCY',
    about: 'most requests of batches that this router answers at once; 0 leaves them to others',
    fallback: 4,
    min: 0,
    max: 4096,
  }),
  batchesMax: integer({
    env: 'ISOTHERM_BATCHES_MAX',
    about: 'most batches kept, those that have ended included',
    fallback: 64,
    min: 1,
    max: 1 << 16,
  }),
  batchItemsMax: integer({
    env: 'ISOTHERM_BATCH_ITEMS_MAX',
    about: 'most requests in one batch',
    fallback: 1000,
    min: 1,
    max: 100_000,
  }),
  batchBytesMax: integer({
    env: 'ISOTHERM_BATCH_BYTES_MAX',
    about: 'most bytes that all batches take in Redis: requests, and room for results',
    fallback: 512 << 20,
    min: 1024,
    max: 2 ** 40,
  }),
  tenantBatchesMax: integer({
    env: 'ISOTHERM_TENANT_BATCHES_MAX',
    about: 'most batches of one tenant, those that have ended included',
    fallback: 32,
    min: 1,
    max: 1 << 16,
  }),
  tenantBatchBytesMax: integer({
    env: 'ISOTHERM_TENANT_BATCH_BYTES_MAX',
    about: 'most bytes that the batches of one tenant take in Redis',
    fallback: 256 << 20,
    min: 1024,
    max: 2 ** 40,
  }),
  batchResultBytesMax: integer({
    env: 'ISOTHERM_BATCH_RESULT_BYTES_MAX',
    about: 'largest result of one request of a batch in bytes',
    fallback: 65_536,
    min: 1024,
    max: 1 << 18,
  }),
  batchRunMs: integer({
    env: 'ISOTHERM_BATCH_RUN_MS',
    about: 'longest time until a batch ends, in milliseconds',
    fallback: 86_400_000,
    min: 1000,
    max: 30 * 86_400_000,
  }),
  batchKeptMs: integer({
    env: 'ISOTHERM_BATCH_KEPT_MS',
    about: 'how long a batch is kept when it has ended, in milliseconds',
    fallback: 86_400_000,
    min: 1000,
    max: 30 * 86_400_000,
  }),
  batchItemWaitMs: integer({
    env: 'ISOTHERM_BATCH_ITEM_WAIT_MS',
    about: 'longest wait of a request of a batch for room or an instance, in milliseconds',
    fallback: 600_000,
    min: 0,
    max: 86_400_000,
  }),
  ...placingSettings,
};
