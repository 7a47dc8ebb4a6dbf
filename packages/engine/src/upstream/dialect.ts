import type { ConversationPart } from './conversation.ts';

/** What a server may take beside words. */
type Medium = Exclude<ConversationPart['kind'], 'text'>;

/** Servers whose differences are known; `openai` is what every compatible one should understand. */
export const upstreamServers = [
  'openai',
  'vllm',
  'sglang',
  'llama.cpp',
  'ollama',
  'isotherm',
] as const;
export type UpstreamServer = (typeof upstreamServers)[number];

/**
 * What a server understands. Several ignore fields that they do not know, so that an answer would
 * silently be another than the one asked for: what is not listed is refused here, by name.
 */
export interface Dialect {
  /** Name of a parameter → its name at the server. */
  readonly parameters: Readonly<Record<string, string>>;
  /**
   * Sent where the request says nothing, by the server's names: these servers have defaults of
   * their own (llama.cpp's sampler, a model's generation_config.json), where here nothing means none.
   */
  readonly neutral: Readonly<Record<string, number>>;
  readonly media: ReadonlySet<Medium>;
}

const same = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, name]));

const common = same(
  ...['max_tokens', 'temperature', 'top_p', 'seed', 'stop', 'response_format'],
  ...['presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs'],
);
const openai = { ...common, ...same('logit_bias') };
const samplers = same('top_k', 'min_p', 'repetition_penalty');
const anyMedia: ReadonlySet<Medium> = new Set(['image', 'audio', 'video', 'frames']);

export const dialects: Readonly<Record<UpstreamServer, Dialect>> = {
  openai: { parameters: openai, neutral: {}, media: new Set(['image', 'audio']) },
  vllm: {
    parameters: { ...openai, ...samplers },
    // 0 is "all" only in newer versions, -1 in every one.
    neutral: { top_k: -1, min_p: 0, repetition_penalty: 1 },
    media: anyMedia,
  },
  sglang: {
    parameters: { ...openai, ...samplers },
    neutral: { top_k: -1, min_p: 0, repetition_penalty: 1 },
    media: new Set(['image', 'audio', 'video']),
  },
  'llama.cpp': {
    parameters: { ...openai, ...samplers, repetition_penalty: 'repeat_penalty' },
    neutral: { top_k: 0, min_p: 0, repeat_penalty: 1 },
    media: new Set(['image', 'audio']),
  },
  ollama: { parameters: common, neutral: {}, media: new Set(['image']) },
  isotherm: { parameters: { ...openai, ...samplers }, neutral: {}, media: anyMedia },
};
