import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Conversation } from './conversation.ts';
import { type KvPair, startKvPair } from './testing/kv-pair.ts';
import { refuseWith, standInModel } from './testing/stand-in.ts';
import { createUpstream, type Upstream, type UpstreamCall } from './upstream.ts';
import { upstreamDefaults } from './upstream-options.ts';

const conversation: Conversation = {
  messages: [{ role: 'user', parts: [{ kind: 'text', text: 'Which unit?' }] }],
  parameters: { max_tokens: 16, temperature: 0, logprobs: true, top_logprobs: 3 },
};
const call: UpstreamCall = {
  ...{ model: standInModel, server: 'vllm', requestId: 'request-1' },
  conversation,
};
const never = new AbortController().signal;

let pair: KvPair;
let prefill: Upstream;
let decode: Upstream;

beforeEach(async () => {
  pair = await startKvPair(['Unit ', '7']);
  const open = (url: string): Upstream => createUpstream({ ...upstreamDefaults, url });
  prefill = open(pair.prefill.url);
  decode = open(pair.decode.url);
});
afterEach(async () => {
  await Promise.all([prefill.close(), decode.close()]);
  await pair.close();
});

const handedOver = async () => {
  const outcome = await prefill.prefill(call, never);
  if (outcome.kind !== 'handedOver') throw new Error('Nothing was handed over.');
  return outcome.params;
};
const decoded = async (asked: UpstreamCall, params: Awaited<ReturnType<typeof handedOver>>) => {
  let text = '';
  for await (const event of decode.answer(asked, params, never)) {
    if (event.kind === 'text') text += event.text;
  }
  return text;
};

describe("vLLM's prefill and decode servers", () => {
  it('meet by what prefill says of its blocks, under one request id', async () => {
    const params = await handedOver();
    expect(await decoded(call, params)).toBe('Unit 7');
    const [asked] = pair.prefill.requests;
    const [continued] = pair.decode.requests;
    expect(asked?.body).toMatchObject({ max_tokens: 1, stream: false });
    expect(asked?.body).not.toHaveProperty('stream_options');
    expect(continued?.body).toMatchObject({
      ...{ max_tokens: 16, stream: true, logprobs: true, top_logprobs: 3 },
      kv_transfer_params: params,
    });
    expect([asked, continued].map((one) => one?.headers['x-request-id'])).toEqual([
      'request-1',
      'request-1',
    ]);
    expect(pair.keptBlocks).toBe(0);
  });

  it('fail where the blocks are gone, were read before, or are of another prompt', async () => {
    const gone = { code: 'unavailable' };
    const expired = await handedOver();
    pair.expireBlocks();
    await expect(decoded(call, expired)).rejects.toMatchObject(gone);
    const once = await handedOver();
    await decoded(call, once);
    await expect(decoded(call, once)).rejects.toMatchObject(gone);
    const [message] = conversation.messages;
    const other = { ...conversation, messages: message === undefined ? [] : [message, message] };
    await expect(
      decoded({ ...call, conversation: other }, await handedOver()),
    ).rejects.toMatchObject(gone);
  });

  it('have nothing to hand over when the first token ended the answer', async () => {
    const usage = { prompt_tokens: 7, completion_tokens: 1 };
    const choices = [{ message: { content: '' }, finish_reason: 'stop' }];
    pair.prefill.next(refuseWith(200, { choices, usage, kv_transfer_params: null }));
    expect(await prefill.prefill(call, never)).toEqual({
      kind: 'answered',
      text: '',
      logprobs: [],
      finished: {
        kind: 'finished',
        reason: 'stop',
        usage: { promptTokens: 7, completionTokens: 1, cachedTokens: 0 },
      },
    });
  });

  it('are told apart from a server without a KV connector', async () => {
    const choices = [{ message: { content: 'U' }, finish_reason: 'length' }];
    pair.prefill.next(refuseWith(200, { choices }));
    await expect(prefill.prefill(call, never)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('KV connector'),
    });
  });
});
