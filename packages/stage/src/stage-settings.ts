import { peerBounds } from '@isotherm/rpc';
import {
  integer,
  type Schema,
  type ServiceSettings,
  serviceSettings,
  text,
} from '@isotherm/runtime';

/** Configuration that all stage services share; every bound has its unit in its name. */
export interface StageSettings extends ServiceSettings {
  readonly precision: string;
  readonly modelVariants: string;
  readonly place: string;
  readonly threads: number;
  readonly heartbeatMs: number;
  readonly leaseBytesMax: number;
  readonly payloadBytesMax: number;
  readonly pullSilenceMs: number;
  readonly concurrency: number;
  readonly slots: number;
  readonly contextMax: number;
  readonly kvBytesMax: number;
  readonly kvWaitingBytesMax: number;
  readonly stepsAheadMax: number;
  readonly stepsTogetherMs: number;
  readonly prefillChunkTokens: number;
  readonly batchMax: number;
  readonly embeddingCacheBytesMax: number;
  readonly prefixCacheBytesMax: number;
  readonly prefixBlockTokens: number;
  readonly soundSecondsMax: number;
  readonly clipFramesMax: number;
  readonly mediaDecodeMsMax: number;
  readonly ffmpeg: string;
}

/** More threads inside an operator than any machine of ours has. */
export const threadsMax = 256;

export const stageSettings: Schema<StageSettings> = {
  ...serviceSettings,
  precision: text({
    env: 'ISOTHERM_PRECISION',
    about: 'variant of the ONNX files: fp32, int8, …',
    fallback: 'fp32',
  }),
  modelVariants: text({
    env: 'ISOTHERM_MODEL_VARIANTS',
    about:
      'model folders (profiles, with engine profile) that may take the place of its own while it works, by :',
    fallback: '',
  }),
  place: text({
    env: 'ISOTHERM_PLACE',
    about:
      'where it runs by the room topology, SERVER/GPU[,GPU…]; of several instances in one process one each, separated by ;',
    fallback: '',
  }),
  threads: integer({
    env: 'ISOTHERM_THREADS',
    about: 'intra-op threads of the engine',
    fallback: 1,
    min: 1,
    max: threadsMax,
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
  pullSilenceMs: integer({
    env: 'ISOTHERM_PULL_SILENCE_MS',
    about:
      'a payload of which nothing comes for this long is asked for again over a new connection, in milliseconds',
    fallback: peerBounds.pullSilenceMs,
    min: 10,
    max: 600_000,
  }),
  concurrency: integer({
    env: 'ISOTHERM_CONCURRENCY',
    about: 'most jobs taken from the lane at once',
    fallback: 64,
    min: 1,
    max: 4096,
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
  kvBytesMax: integer({
    env: 'ISOTHERM_KV_BYTES_MAX',
    about: 'decode: most bytes of KV cache; 0 for full slots of the longest context',
    fallback: 0,
    min: 0,
    max: 2 ** 44,
  }),
  kvWaitingBytesMax: integer({
    env: 'ISOTHERM_KV_WAITING_BYTES_MAX',
    about:
      'decode: most bytes of KV caches that wait for a slot; 0 for as many as the batch may take',
    fallback: 0,
    min: 0,
    max: 2 ** 44,
  }),
  stepsAheadMax: integer({
    env: 'ISOTHERM_STEPS_AHEAD_MAX',
    about: 'decode: most steps that are run while the event loop has not asked for them yet',
    fallback: 8,
    min: 0,
    max: 16,
  }),
  stepsTogetherMs: integer({
    env: 'ISOTHERM_STEPS_TOGETHER_MS',
    about:
      'decode: how long tokens wait for those of further steps, to be sent together, in milliseconds',
    fallback: 2,
    min: 0,
    max: 1000,
  }),
  prefillChunkTokens: integer({
    env: 'ISOTHERM_PREFILL_CHUNK_TOKENS',
    about: 'prefill: tokens of a prompt that run before another prompt may have its turn',
    fallback: 256,
    min: 1,
    max: 1 << 20,
  }),
  batchMax: integer({
    env: 'ISOTHERM_BATCH_MAX',
    about: 'encode: most media in one batch',
    fallback: 8,
    min: 1,
    max: 1024,
  }),
  embeddingCacheBytesMax: integer({
    env: 'ISOTHERM_EMBEDDING_CACHE_BYTES_MAX',
    about: 'encode: most bytes of embeddings kept for media that come again; 0 keeps none',
    fallback: 1 << 28,
    min: 0,
    max: 2 ** 40,
  }),
  prefixCacheBytesMax: integer({
    env: 'ISOTHERM_PREFIX_CACHE_BYTES_MAX',
    about: 'prefill: most bytes of KV caches kept for prompts that begin alike; 0 keeps none',
    fallback: 1 << 28,
    min: 0,
    max: 2 ** 40,
  }),
  prefixBlockTokens: integer({
    env: 'ISOTHERM_PREFIX_BLOCK_TOKENS',
    about: 'prefill: tokens of a block, the smallest part of a prompt that is reused',
    fallback: 16,
    min: 1,
    max: 4096,
  }),
  soundSecondsMax: integer({
    env: 'ISOTHERM_SOUND_SECONDS_MAX',
    about: 'encode: longest sound in seconds; a model may take less',
    fallback: 600,
    min: 1,
    max: 86_400,
  }),
  clipFramesMax: integer({
    env: 'ISOTHERM_CLIP_FRAMES_MAX',
    about: 'encode: most frames of a clip',
    fallback: 1800,
    min: 1,
    max: 1 << 20,
  }),
  mediaDecodeMsMax: integer({
    env: 'ISOTHERM_MEDIA_DECODE_MS_MAX',
    about: 'encode: longest time to decode one sound or clip, in milliseconds',
    fallback: 10_000,
    min: 1,
    max: 600_000,
  }),
  ffmpeg: text({
    env: 'ISOTHERM_FFMPEG',
    about: 'encode: the ffmpeg that decodes MP4 and WebM, a name or a path',
    fallback: 'ffmpeg',
  }),
};
