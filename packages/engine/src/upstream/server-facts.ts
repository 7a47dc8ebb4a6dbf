import { Fault } from '@isotherm/kernel';
import type { UpstreamServer } from './dialect.ts';
import { isRecord } from './server-error.ts';

/** What a server says of the model it runs. */
export interface ServerFacts {
  /** The server's own name of it. */
  readonly model: string;
  /** Longest prompt plus answer in tokens; undefined where the server does not say. */
  readonly contextMax: number | undefined;
  /** What the server seems to be, by the owner that it names for the model; `openai` where none is known. */
  readonly server: UpstreamServer;
}

/** `owned_by` of a model's entry → who writes that. */
const owners: Readonly<Record<string, UpstreamServer>> = {
  vllm: 'vllm',
  sglang: 'sglang',
  llamacpp: 'llama.cpp',
  library: 'ollama',
  isotherm: 'isotherm',
};

/**
 * Finds a model in the answer of GET /v1/models. vLLM and SGLang add `max_model_len` to an entry,
 * llama.cpp `meta.n_ctx`; Ollama's names end with a tag that may be left out. Faults:
 * `unknown_model` when it is not there, or when none was named and there are several.
 */
export const serverFactsOf = (list: unknown, wanted: string): ServerFacts => {
  const data = isRecord(list) ? list['data'] : undefined;
  const entries = (Array.isArray(data) ? (data as unknown[]) : []).filter(isRecord);
  const ids = entries.flatMap(({ id }) => (typeof id === 'string' && id !== '' ? [id] : []));
  const [only] = ids;
  const names = ids.slice(0, 8).join(', ');
  if (only === undefined) throw new Fault('unknown_model', 'The upstream server lists no model.');
  if (wanted === '' && ids.length > 1) {
    throw new Fault(
      'unknown_model',
      `The upstream server has several models: name one of ${names}.`,
    );
  }
  const model = wanted === '' ? only : ids.find((id) => id === wanted || id === `${wanted}:latest`);
  if (model === undefined) {
    throw new Fault('unknown_model', `The upstream server has ${names}, and no "${wanted}".`);
  }
  const entry = entries.find(({ id }) => id === model);
  const meta = isRecord(entry?.['meta']) ? entry['meta'] : {};
  const lengths = [entry?.['max_model_len'], meta['n_ctx'], meta['n_ctx_train']];
  const contextMax = lengths.find(
    (length): length is number =>
      typeof length === 'number' && Number.isInteger(length) && length > 0,
  );
  const owner = entry?.['owned_by'];
  const known = typeof owner === 'string' && Object.hasOwn(owners, owner);
  return { model, contextMax, server: (known ? owners[owner] : undefined) ?? 'openai' };
};
