/** Entry `@isotherm/engine/upstream`: whole models behind OpenAI-compatible servers. */
export type { AnswerEvent, UpstreamReason, UpstreamUsage } from './answer-events.ts';
export * from './conversation.ts';
export { type UpstreamServer, upstreamServers } from './dialect.ts';
export type { ServerFacts } from './server-facts.ts';
export type { ServerLogprobs, ServerToken } from './server-logprobs.ts';
export {
  createUpstream,
  type KvTransferParams,
  type Upstream,
  type UpstreamCall,
  type UpstreamPrefill,
} from './upstream.ts';
export { parseBaseUrl, upstreamDefaults, type UpstreamOptions } from './upstream-options.ts';
