import { type UpstreamServer, upstreamDefaults, upstreamServers } from '@isotherm/engine/upstream';
import { choice, integer, type Schema, text } from '@isotherm/runtime';
import { type StageSettings, stageSettings } from '@isotherm/stage';

/** Settings of an instance in front of one OpenAI-compatible server. */
export interface UpstreamOwnSettings {
  readonly upstreamUrl: string;
  readonly upstreamModel: string;
  readonly upstreamServer: UpstreamServer | 'auto';
  readonly upstreamRole: 'whole' | 'prefill' | 'decode';
  readonly upstreamApiKey: string;
  readonly upstreamContextMax: number;
  readonly upstreamConnectionsMax: number;
  readonly upstreamConnectMsMax: number;
  readonly upstreamSilenceMsMax: number;
  readonly upstreamAnswerBytesMax: number;
  readonly upstreamRetriesMax: number;
  readonly upstreamRetryMsMin: number;
  readonly upstreamRetryMsMax: number;
  readonly upstreamProbeMs: number;
  readonly upstreamStartMsMax: number;
}

export type UpstreamSettings = StageSettings & UpstreamOwnSettings;

export const upstreamOwnSettings: Schema<UpstreamOwnSettings> = {
  upstreamUrl: text({
    env: 'ISOTHERM_UPSTREAM_URL',
    about: 'base URL of the server with its version, http://host:port/v1',
  }),
  upstreamModel: text({
    env: 'ISOTHERM_UPSTREAM_MODEL',
    about: "model by the server's own name; empty takes the only one it has",
    fallback: upstreamDefaults.model,
  }),
  upstreamServer: choice({
    env: 'ISOTHERM_UPSTREAM_SERVER',
    about:
      'what the server is: vllm, sglang, llama.cpp, ollama, isotherm, openai (any other); auto finds out',
    fallback: upstreamDefaults.server,
    choices: ['auto', ...upstreamServers],
  }),
  upstreamRole: choice({
    env: 'ISOTHERM_UPSTREAM_ROLE',
    about: 'whole: the server answers alone; prefill, decode: one of a pair of vLLM servers',
    fallback: 'whole',
    choices: ['whole', 'prefill', 'decode'],
  }),
  upstreamApiKey: text({
    env: 'ISOTHERM_UPSTREAM_API_KEY',
    about: 'sent to the server as a bearer token; never logged',
    fallback: upstreamDefaults.apiKey,
  }),
  upstreamContextMax: integer({
    env: 'ISOTHERM_UPSTREAM_CONTEXT_MAX',
    about: 'longest prompt plus answer in tokens, for routing; 0 takes what the server says',
    fallback: 0,
    min: 0,
    max: 1 << 30,
  }),
  upstreamConnectionsMax: integer({
    env: 'ISOTHERM_UPSTREAM_CONNECTIONS_MAX',
    about: 'most connections to the server; further requests wait for one',
    fallback: upstreamDefaults.connectionsMax,
    min: 1,
    max: 4096,
  }),
  upstreamConnectMsMax: integer({
    env: 'ISOTHERM_UPSTREAM_CONNECT_MS_MAX',
    about: 'longest time to connect to the server, in milliseconds',
    fallback: upstreamDefaults.connectMsMax,
    min: 1,
    max: 600_000,
  }),
  upstreamSilenceMsMax: integer({
    env: 'ISOTHERM_UPSTREAM_SILENCE_MS_MAX',
    about: 'longest time without a byte from a server that owes one, in milliseconds',
    fallback: upstreamDefaults.silenceMsMax,
    min: 1,
    max: 86_400_000,
  }),
  upstreamAnswerBytesMax: integer({
    env: 'ISOTHERM_UPSTREAM_ANSWER_BYTES_MAX',
    about: 'largest answer of the server with its framing, in bytes',
    fallback: upstreamDefaults.answerBytesMax,
    min: 1024,
    max: 1 << 30,
  }),
  upstreamRetriesMax: integer({
    env: 'ISOTHERM_UPSTREAM_RETRIES_MAX',
    about: 'most repetitions of a request that the server was too busy for (429, 503)',
    fallback: upstreamDefaults.retriesMax,
    min: 0,
    max: 100,
  }),
  upstreamRetryMsMin: integer({
    env: 'ISOTHERM_UPSTREAM_RETRY_MS_MIN',
    about: 'first wait before a repetition, doubled with each, in milliseconds',
    fallback: upstreamDefaults.retryMsMin,
    min: 1,
    max: 600_000,
  }),
  upstreamRetryMsMax: integer({
    env: 'ISOTHERM_UPSTREAM_RETRY_MS_MAX',
    about: 'longest wait before a repetition, also by Retry-After, in milliseconds',
    fallback: upstreamDefaults.retryMsMax,
    min: 1,
    max: 600_000,
  }),
  upstreamProbeMs: integer({
    env: 'ISOTHERM_UPSTREAM_PROBE_MS',
    about: 'time between two looks at the health of the server, in milliseconds',
    fallback: 2_000,
    min: 10,
    max: 600_000,
  }),
  upstreamStartMsMax: integer({
    env: 'ISOTHERM_UPSTREAM_START_MS_MAX',
    about: 'longest wait for the server at the start, in milliseconds',
    fallback: 30_000,
    min: 1,
    max: 86_400_000,
  }),
};

export const upstreamSettings: Schema<UpstreamSettings> = {
  ...stageSettings,
  ...upstreamOwnSettings,
};
