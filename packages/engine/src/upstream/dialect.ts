import type { Modality } from './conversation.ts';

/** Servers whose differences are known; `openai` is what every compatible one should understand. */
export const upstreamServers = ['openai', 'vllm', 'sglang', 'llama.cpp', 'ollama'] as const;
export type UpstreamServer = (typeof upstreamServers)[number];

/**
 * What a server understands. Several ignore fields that they do not know, so that an answer would
 * silently be another than the one asked for: what is not listed is refused here, by name.
 */
export interface Dialect {
  /** Name of a parameter → its name at the server. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly media: ReadonlySet<Modality>;
}

const same = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, name]));

const openaiParameters = same(
  ...['max_tokens', 'temperature', 'top_p', 'seed', 'stop', 'response_format'],
  ...['presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs'],
);
const samplerParameters = same('top_k', 'min_p', 'repetition_penalty');

export const dialects: Readonly<Record<UpstreamServer, Dialect>> = {
  openai: { parameters: openaiParameters, media: new Set(['image', 'audio']) },
  vllm: {
    parameters: { ...openaiParameters, ...samplerParameters },
    media: new Set(['image', 'audio', 'video']),
  },
  sglang: {
    parameters: { ...openaiParameters, ...samplerParameters },
    media: new Set(['image', 'audio', 'video']),
  },
  'llama.cpp': {
    parameters: {
      ...openaiParameters,
      ...samplerParameters,
      repetition_penalty: 'repeat_penalty',
    },
    media: new Set(['image', 'audio']),
  },
  ollama: { parameters: openaiParameters, media: new Set(['image']) },
};
