import { Fault } from '@isotherm/kernel';
import type { UpstreamServer } from './dialect.ts';

/** Where a server is, how it is spoken to, and the bounds of that. */
export interface UpstreamOptions {
  /** Base URL with its version, as OpenAI's clients take it: http://host:port/v1. */
  readonly url: string;
  /** Model by the server's own name; empty takes the only one it has. */
  readonly model: string;
  /** What it is; `auto` reads it off the list of its models. */
  readonly server: UpstreamServer | 'auto';
  /** Sent as a bearer token; empty sends none. Never logged. */
  readonly apiKey: string;
  /** Most connections at once. */
  readonly connectionsMax: number;
  readonly connectMsMax: number;
  /** Longest time without a byte from the server while it owes one, in milliseconds. */
  readonly silenceMsMax: number;
  /** Largest answer in bytes, framing included. */
  readonly answerBytesMax: number;
  /** Most repetitions of a request that the server was too busy for (429, 503). */
  readonly retriesMax: number;
  /** First wait before a repetition, doubled with each, in milliseconds. */
  readonly retryMsMin: number;
  /** Longest wait before a repetition, also where Retry-After asks for more, in milliseconds. */
  readonly retryMsMax: number;
}

export const upstreamDefaults = {
  model: '',
  server: 'auto',
  apiKey: '',
  connectionsMax: 128,
  connectMsMax: 5_000,
  silenceMsMax: 120_000,
  answerBytesMax: 64 << 20,
  retriesMax: 2,
  retryMsMin: 250,
  retryMsMax: 5_000,
} as const satisfies Omit<UpstreamOptions, 'url'>;

/** A base URL taken apart: every request goes to this origin and below this path. */
export interface UpstreamBase {
  readonly origin: string;
  /** Without a slash at its end. */
  readonly path: string;
}

/** Throws `invalid_argument` for what is no base URL, and for one with a secret in it. */
export const parseBaseUrl = (url: string): UpstreamBase => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new Fault('invalid_argument', 'The upstream URL must be http://host:port/v1 or https.');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new Fault('invalid_argument', 'The upstream URL must hold no password; set the API key.');
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw new Fault('invalid_argument', 'The upstream URL must end with its path.');
  }
  return { origin: parsed.origin, path: parsed.pathname.replace(/\/+$/, '') };
};
