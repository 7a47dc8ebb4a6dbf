import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Fault } from '@isotherm/kernel';
import type { AnswerEvent } from './answer-events.ts';
import type { Conversation } from './conversation.ts';
import {
  answerText,
  beginStream,
  breakAfter,
  chunkOf,
  doneEvent,
  eventOf,
  rawStream,
  refuseWith,
  type StandIn,
  standInModel,
  startStandIn,
  streamOf,
} from './testing/stand-in.ts';
import { createUpstream, type Upstream, type UpstreamCall } from './upstream.ts';
import { upstreamDefaults, type UpstreamOptions } from './upstream-options.ts';

const conversation: Conversation = {
  messages: [{ role: 'user', parts: [{ kind: 'text', text: 'Which unit?' }] }],
  parameters: { max_tokens: 16, temperature: 0, top_p: 1 },
};
const call: UpstreamCall = {
  ...{ model: standInModel, server: 'vllm', requestId: 'request-1' },
  conversation,
};
const never = new AbortController().signal;

let standIn: StandIn;
const open: Upstream[] = [];
const upstreamWith = (options: Partial<UpstreamOptions> = {}): Upstream => {
  const upstream = createUpstream({
    ...upstreamDefaults,
    ...{ url: standIn.url, retryMsMin: 1, retryMsMax: 2_000 },
    ...options,
  });
  open.push(upstream);
  return upstream;
};

beforeEach(async () => {
  standIn = await startStandIn();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((upstream) => upstream.close()));
  await standIn.close();
});

const eventsOf = async (
  upstream: Upstream,
  signal: AbortSignal = never,
  asked: UpstreamCall = call,
): Promise<{ text: string; last: AnswerEvent | undefined; fault: Fault | undefined }> => {
  let text = '';
  let last: AnswerEvent | undefined;
  try {
    for await (const event of upstream.answer(asked, undefined, signal)) {
      last = event;
      if (event.kind === 'text') text += event.text;
    }
    return { text, last, fault: undefined };
  } catch (error) {
    return { text, last, fault: Fault.from(error) };
  }
};

describe('a streamed answer', () => {
  it('comes with the reason and the usage that the server gave', async () => {
    standIn.next(streamOf(['Unit ', '7', ' é✓'], 'length'));
    const { text, last } = await eventsOf(upstreamWith());
    expect(text).toBe('Unit 7 é✓');
    const usage = { promptTokens: 7, completionTokens: 3, cachedTokens: 0 };
    expect(last).toEqual({ kind: 'finished', reason: 'length', usage });
  });

  it('asks for a stream with usage, under the request id and the key', async () => {
    await eventsOf(upstreamWith({ apiKey: 'secret' }));
    const { body, headers } = standIn.requests[0] ?? {};
    expect(body).toEqual({
      model: standInModel,
      messages: [{ role: 'user', content: 'Which unit?' }],
      ...{ max_tokens: 16, temperature: 0, top_p: 1 },
      ...{ top_k: -1, min_p: 0, repetition_penalty: 1 },
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(headers?.['x-request-id']).toBe('request-1');
    expect(headers?.authorization).toBe('Bearer secret');
  });

  it('is the same wherever its bytes are cut', async () => {
    const upstream = upstreamWith();
    const body = Buffer.from(`: keep-alive\n\n${answerText(['é✓', 'ü'])}`.replaceAll('\n', '\r\n'));
    for (let at = 1; at < body.length; at += 7) {
      standIn.next(rawStream(body, [at, Math.min(at + 1, body.length)]));
      const { text, last } = await eventsOf(upstream);
      expect({ at, text, kind: last?.kind }).toEqual({ at, text: 'é✓ü', kind: 'finished' });
    }
  });

  it('may end without its last empty line', async () => {
    standIn.next(rawStream(`${chunkOf({ content: 'a' })}${chunkOf({}, 'stop')}`.trimEnd()));
    expect(await eventsOf(upstreamWith())).toMatchObject({ text: 'a', last: { reason: 'stop' } });
  });

  it('may do without [DONE], without usage, and with empty deltas', async () => {
    standIn.next(rawStream(`${chunkOf({ content: 'a' })}${chunkOf({})}${chunkOf({}, 'stop')}`));
    const { text, last } = await eventsOf(upstreamWith());
    expect(text).toBe('a');
    expect(last).toEqual({ kind: 'finished', reason: 'stop', usage: undefined });
  });

  it('comes with log-probabilities and cached tokens where the server tells them', async () => {
    const e = { token: '\ufffd', logprob: -0.5, bytes: [0xc3] };
    const content = [
      { ...e, top_logprobs: [e, { token: 'x', logprob: -2, bytes: null }] },
      { token: 'no number', logprob: 'none' },
    ];
    const choices = [{ index: 0, delta: {}, logprobs: { content }, finish_reason: 'stop' }];
    const usage = {
      ...{ prompt_tokens: 9, completion_tokens: 1 },
      prompt_tokens_details: { cached_tokens: 8 },
    };
    standIn.next(rawStream(`${eventOf({ choices, usage })}${doneEvent}`));
    const events: AnswerEvent[] = [];
    for await (const event of upstreamWith().answer(call, undefined, never)) events.push(event);
    const first = { text: '\ufffd', logprob: -0.5, bytes: Uint8Array.of(0xc3) };
    const second = { text: 'x', logprob: -2, bytes: new TextEncoder().encode('x') };
    expect(events).toEqual([
      { kind: 'text', text: '', logprobs: [{ ...first, top: [first, second] }] },
      {
        kind: 'finished',
        reason: 'stop',
        usage: { promptTokens: 9, completionTokens: 1, cachedTokens: 8 },
      },
    ]);
  });

  it('leaves its connection to the next one', async () => {
    const upstream = upstreamWith({ connectionsMax: 1 });
    for (let turn = 0; turn < 5; turn++) expect((await eventsOf(upstream)).text).toBe('hello');
    expect(standIn.connections).toBe(1);
  });
});

describe('a server that fails', () => {
  const unavailable = (text: string, words: RegExp) => ({
    text,
    code: 'unavailable',
    message: expect.stringMatching(words),
  });
  const outcome = async (upstream = upstreamWith(), signal = never) => {
    const { text, fault } = await eventsOf(upstream, signal);
    return { text, code: fault?.code, message: fault?.message };
  };

  it('by ending in the middle', async () => {
    standIn.next(rawStream(chunkOf({ content: 'half' })));
    expect(await outcome()).toEqual(unavailable('half', /before it was whole/));
  });

  it('by saying [DONE] without a reason', async () => {
    standIn.next(rawStream(`${chunkOf({ content: 'half' })}${doneEvent}`));
    expect(await outcome()).toEqual(unavailable('half', /before it was whole/));
  });

  it('by breaking the connection, before its first token and after', async () => {
    standIn.next(breakAfter([]), breakAfter(['half']));
    expect(await outcome()).toEqual(unavailable('', /connection.* broke/));
    expect(await outcome()).toEqual(unavailable('half', /connection.* broke/));
  });

  it('by sending what is not JSON, or another type', async () => {
    standIn.next(rawStream('data: {"choices": [\n\n'), refuseWith(200, { choices: [] }));
    expect(await outcome()).toEqual(unavailable('', /not JSON/));
    expect(await outcome()).toEqual(unavailable('', /not answer with a stream/));
  });

  it('by reporting an error within the stream, in each of the usual shapes', async () => {
    const half = chunkOf({ content: 'half' });
    const error = { message: 'KV load failed', type: 'InternalServerError', code: 500 };
    standIn.next(
      rawStream(`${half}${eventOf({ error })}${doneEvent}`),
      rawStream(`${half}${eventOf({ object: 'error', ...error })}${doneEvent}`),
      rawStream(`${half}${eventOf({ error: 'out of memory' })}`),
      rawStream(`${half}error: out of memory\n\n`),
    );
    for (let turn = 0; turn < 4; turn++) {
      expect(await outcome()).toEqual(unavailable('half', /server failed/));
    }
  });

  it('by giving the answer up', async () => {
    standIn.next(rawStream(`${chunkOf({ content: 'half' })}${chunkOf({}, 'abort')}${doneEvent}`));
    expect(await outcome()).toEqual(unavailable('half', /gave its answer up: abort/));
  });

  it('by falling silent, before its first byte and after', async () => {
    const silent = upstreamWith({ silenceMsMax: 100 });
    const hang = () => {};
    standIn.next(hang, (_, response) => {
      beginStream(response);
      response.write(chunkOf({ content: 'half' }));
    });
    expect(await outcome(silent)).toEqual(unavailable('', /fell silent/));
    expect(await outcome(silent)).toEqual(unavailable('half', /fell silent/));
  });

  it('by sending more than an answer may have', async () => {
    standIn.next(streamOf(new Array<string>(200).fill('x'.repeat(100))));
    const { code, message } = await outcome(upstreamWith({ answerBytesMax: 10_000 }));
    expect({ code, message }).toMatchObject({ code: 'unavailable', message: /more than|broke/ });
  });

  it('by redirecting: only the configured server is ever asked', async () => {
    const elsewhere = await startStandIn();
    standIn.next(refuseWith(307, {}, { location: `${elsewhere.url}/chat/completions` }));
    expect(await outcome()).toEqual(unavailable('', /redirection/));
    expect(elsewhere.requests).toHaveLength(0);
    await elsewhere.close();
  });

  it('by not being there', async () => {
    const upstream = upstreamWith();
    await standIn.close();
    expect(await outcome(upstream)).toEqual(unavailable('', /does not answer/));
    standIn = await startStandIn();
  });
});

describe('a refusal', () => {
  it.each([
    [400, { error: { message: 'bad stop', param: 'stop' } }, 'invalid_argument', 'bad stop'],
    [422, { error: { message: 'bad body' } }, 'invalid_argument', 'bad body'],
    [
      400,
      { object: 'error', message: 'too long: context length is 4096', code: 400 },
      'context_length_exceeded',
      'context length is 4096',
    ],
    [
      400,
      { error: { code: 400, type: 'exceed_context_size_error', message: 'no' } },
      'context_length_exceeded',
      'no',
    ],
    [413, { error: { message: 'too large' } }, 'payload_too_large', 'too large'],
    [401, { error: { message: 'Invalid key sk-123' } }, 'unavailable', 'refused the API key'],
    [404, { error: { message: 'model missing' } }, 'unavailable', 'does not have the model'],
    [500, 'Internal Server Error', 'unavailable', 'server failed'],
  ])('with %d %j is %s', async (status, body, code, words) => {
    standIn.next(refuseWith(status, body));
    const { fault } = await eventsOf(upstreamWith());
    expect(fault?.code).toBe(code);
    expect(fault?.message).toContain(words);
    expect(fault?.message).not.toContain('sk-123');
    expect(standIn.requests).toHaveLength(1);
  });

  it('of a busy server is repeated, and then told', async () => {
    standIn.next(refuseWith(429, {}), refuseWith(503, {}));
    expect((await eventsOf(upstreamWith())).text).toBe('hello');
    standIn.next(refuseWith(429, {}), refuseWith(429, {}), refuseWith(429, {}));
    expect((await eventsOf(upstreamWith())).fault?.code).toBe('saturated');
    expect(standIn.requests).toHaveLength(6);
  });

  it('is repeated no sooner than Retry-After says', async () => {
    standIn.next(refuseWith(503, {}, { 'retry-after': '0.3' }));
    const startMs = performance.now();
    expect((await eventsOf(upstreamWith())).text).toBe('hello');
    expect(performance.now() - startMs).toBeGreaterThan(295);
  });

  it('that asks for more patience than is allowed is not repeated', async () => {
    standIn.next(refuseWith(429, {}, { 'retry-after': '3600' }));
    expect((await eventsOf(upstreamWith())).fault?.code).toBe('saturated');
    expect(standIn.requests).toHaveLength(1);
  });
});

describe('aborting', () => {
  it('closes the connection in the middle of an answer', async () => {
    const controller = new AbortController();
    const reason = new Fault('cancelled', 'The client has gone.');
    standIn.next((_, response) => {
      beginStream(response);
      response.write(chunkOf({ content: 'half' }));
    });
    const events = upstreamWith().answer(call, undefined, controller.signal);
    await events.next();
    controller.abort(reason);
    await expect(events.next()).rejects.toBe(reason);
    await standIn.requests[0]?.abandoned;
  });

  it('ends a wait for the first token, and one for a busy server', async () => {
    const controller = new AbortController();
    const reason = new Fault('deadline_exceeded', 'late');
    standIn.next(refuseWith(503, {}, { 'retry-after': '2' }), () => controller.abort(reason));
    const upstream = upstreamWith();
    const waiting = eventsOf(upstream, controller.signal);
    await eventsOf(upstream, controller.signal);
    expect((await waiting).fault).toBe(reason);
  });

  it('is what ending the iteration early does', async () => {
    standIn.next((_, response) => {
      beginStream(response);
      response.write(chunkOf({ content: 'half' }));
    });
    for await (const _ of upstreamWith().answer(call, undefined, never)) break;
    await standIn.requests[0]?.abandoned;
  });
});

describe('facts and health', () => {
  const models = async (...entries: object[]) => {
    await standIn.close();
    standIn = await startStandIn({ models: entries });
  };

  it('finds the only model and its context', async () => {
    const server = 'openai';
    expect(await upstreamWith().facts(never)).toEqual({ model: 'tiny', contextMax: 4096, server });
  });

  it.each([
    [{ id: 'gemma:latest', owned_by: 'library' }, 'gemma', undefined, 'ollama'],
    [{ id: 'm.gguf', owned_by: 'llamacpp', meta: { n_ctx: 64 } }, '', 64, 'llama.cpp'],
    [{ id: 'm', owned_by: 'vllm', max_model_len: 32 }, 'm', 32, 'vllm'],
    [{ id: 'm', owned_by: 'constructor' }, '', undefined, 'openai'],
  ])('reads %j', async (entry, model, contextMax, server) => {
    await models(entry);
    const facts = { model: entry.id, contextMax, server };
    expect(await upstreamWith({ model }).facts(never)).toEqual(facts);
  });

  it('takes the word of whoever says what the server is', async () => {
    expect(await upstreamWith({ server: 'sglang' }).facts(never)).toMatchObject({
      server: 'sglang',
    });
  });

  it('refuses a name that is not there, and to choose among several', async () => {
    await models({ id: 'a' }, { id: 'b' });
    const missing = { code: 'unknown_model', message: expect.stringContaining('a, b') };
    await expect(upstreamWith({ model: 'c' }).facts(never)).rejects.toMatchObject(missing);
    await expect(upstreamWith().facts(never)).rejects.toMatchObject(missing);
  });

  it('asks /health, and where there is none the list of models', async () => {
    const upstream = upstreamWith();
    await upstream.probe(never);
    standIn.health = 404;
    await upstream.probe(never);
    standIn.health = 503;
    await expect(upstream.probe(never)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a base URL', () => {
  it.each(['', 'localhost:8000', 'ftp://host/v1', 'http://u:p@host/v1', 'http://host/v1?key=1'])(
    '%j is refused',
    (url) => {
      expect(() => createUpstream({ ...upstreamDefaults, url })).toThrow(Fault);
    },
  );
});
