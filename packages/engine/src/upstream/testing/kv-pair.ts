import { randomUUID } from 'node:crypto';
import {
  refuseWith,
  sendJson,
  type StandIn,
  type StandInAnswer,
  standInModel,
  startStandIn,
  streamOf,
} from './stand-in.ts';

/** A prefill and a decode server with a KV connector between them. */
export interface KvPair {
  readonly prefill: StandIn;
  readonly decode: StandIn;
  /** KV caches that the prefill server keeps for a decode server that has not come yet. */
  readonly keptBlocks: number;
  /** Frees everything that is kept, as the lease's end does. */
  expireBlocks(): void;
  close(): Promise<void>;
}

interface Kept {
  readonly blockIds: readonly number[];
  readonly prompt: string;
}

/**
 * Two stand-ins that shake hands as vLLM does with NixlConnector: the prefill server keeps blocks
 * for a request of one token with `do_remote_decode` and says where they are; the decode server
 * reads them once, by exactly those parameters and for exactly that prompt, and fails the request
 * (`kv_load_failure_policy: fail`) when they are not there any more.
 */
export const startKvPair = async (deltas: readonly string[]): Promise<KvPair> => {
  const engineId = randomUUID();
  const kept = new Map<string, Kept>();
  let blocks = 0;
  const keyOf = (params: Readonly<Record<string, unknown>>): string =>
    JSON.stringify([params['remote_engine_id'], params['remote_block_ids']]);

  const models = [{ id: standInModel, object: 'model', owned_by: 'vllm', max_model_len: 4096 }];
  const prefill = await startStandIn({ models });
  prefill.always(({ body }, response) => {
    const params = body['kv_transfer_params'] as Record<string, unknown> | undefined;
    const asked = params?.['do_remote_decode'] === true && params['do_remote_prefill'] === false;
    if (!asked || body['max_tokens'] !== 1 || body['stream'] === true || 'stream_options' in body) {
      sendJson(response, 400, { error: { message: 'not a prefill', type: 'BadRequestError' } });
      return;
    }
    const blockIds = [(blocks += 1), (blocks += 1)];
    const handle = {
      do_remote_prefill: true,
      do_remote_decode: false,
      remote_block_ids: blockIds,
      remote_engine_id: engineId,
      remote_request_id: `chatcmpl-${randomUUID()}`,
      remote_host: '127.0.0.1',
      remote_port: 5600,
      tp_size: 1,
    };
    kept.set(keyOf(handle), { blockIds, prompt: JSON.stringify(body['messages']) });
    sendJson(response, 200, prefilled(handle));
  });

  const decode = await startStandIn({ models });
  decode.always((request, response) => {
    const { body } = request;
    const params = body['kv_transfer_params'] as Record<string, unknown> | undefined;
    const found = params?.['do_remote_prefill'] === true ? kept.get(keyOf(params)) : undefined;
    const matches =
      found !== undefined &&
      found.prompt === JSON.stringify(body['messages']) &&
      params?.['remote_host'] === '127.0.0.1' &&
      params['remote_port'] === 5600;
    if (params !== undefined) kept.delete(keyOf(params));
    return (matches ? streamOf(deltas) : kvLoadFailed)(request, response);
  });

  return {
    prefill,
    decode,
    get keptBlocks() {
      return kept.size;
    },
    expireBlocks: () => kept.clear(),
    close: async () => {
      await Promise.all([prefill.close(), decode.close()]);
    },
  };
};

/** What vLLM answers when the blocks could not be loaded and its policy is to fail. */
const kvLoadFailed: StandInAnswer = refuseWith(500, {
  error: { message: 'Internal server error', type: 'InternalServerError', param: null, code: 500 },
});

const prefilled = (handle: object): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: standInModel,
  choices: [{ index: 0, message: { role: 'assistant', content: 'h' }, finish_reason: 'length' }],
  usage: { prompt_tokens: 7, completion_tokens: 1, total_tokens: 8 },
  kv_transfer_params: handle,
});
