import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as grpc from '@grpc/grpc-js';
import type { CountTokensRequest, GenerateRequest, GenerateRequestInput } from '@isotherm/proto';
import fc from 'fast-check';
import { withCheckedText } from './checked-text.ts';
import { invalidText, requestTypeOf } from './invalid-text.ts';
import { protos } from './protos.ts';
import { type RunningServer, startServer } from './server.ts';
import { faultOf } from './status.ts';
import { unaryHandler } from './unary.ts';

const { service } = protos.isotherm.router.v1.RouterService;
const { Generate, CountTokens, SubmitBatch } = service;
const mark = 'MARK';
/** A request with its mark replaced by bytes that are not UTF-8, of the same length. */
const spoilt = (bytes: Buffer): Buffer => {
  const at = bytes.indexOf(mark);
  bytes.set([0xc3, 0x28, 0xff, 0xfe], at);
  return bytes;
};
const say = (text: string): GenerateRequestInput => ({
  messages: [{ role: 'user', parts: [{ text: 'first' }, { text }] }],
});

describe('text of clients, over the wire', () => {
  let server: RunningServer;
  let client: grpc.Client;
  const heard: string[] = [];

  beforeAll(async () => {
    const implementation = {
      Generate: (call: grpc.ServerWritableStream<GenerateRequest, object>) => {
        heard.push(call.request.messages[0]?.parts[1]?.text ?? '');
        call.end();
      },
      CountTokens: unaryHandler((request: CountTokensRequest) => {
        heard.push(request.model);
        return {};
      }),
    };
    const definition = { Generate, CountTokens };
    server = await startServer({
      ...{ listen: '127.0.0.1:0', advertiseHost: '127.0.0.1', reflection: false },
      services: [withCheckedText({ definition, implementation })],
    });
    client = new grpc.Client(server.address, grpc.credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.close(100);
  });

  const unary = (bytes: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const { path, responseDeserialize } = CountTokens;
      const same = (sent: Buffer): Buffer => sent;
      client.makeUnaryRequest(path, same, responseDeserialize, bytes, (error) =>
        error === null ? resolve() : reject(faultOf(error)),
      );
    });
  const stream = (bytes: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const { path, responseDeserialize } = Generate;
      const call = client.makeServerStreamRequest(
        ...([path, (sent: Buffer) => sent, responseDeserialize, bytes] as const),
      );
      call.on('data', () => undefined);
      call.on('end', resolve);
      call.on('error', (error) => reject(faultOf(error)));
    });

  it('is refused at its field where its bytes are not UTF-8, and reaches no handler', async () => {
    heard.length = 0;
    const model = spoilt(CountTokens.requestSerialize({ model: mark }));
    await expect(unary(model)).rejects.toMatchObject({ code: 'invalid_argument', param: 'model' });
    await expect(stream(spoilt(Generate.requestSerialize(say(mark))))).rejects.toMatchObject({
      ...{ code: 'invalid_argument', param: 'messages[0].parts[1].text' },
    });
    expect(heard).toEqual([]);
  });

  it('comes as it was sent where they are, a replacement character that was meant included', async () => {
    heard.length = 0;
    await unary(CountTokens.requestSerialize({ model: 'pa\ufffdnel' }));
    await stream(Generate.requestSerialize(say('😀 \ufffd ß')));
    expect(heard).toEqual(['pa\ufffdnel', '😀 \ufffd ß']);
  });
});

describe('a field whose text is not UTF-8', () => {
  const generate = requestTypeOf(Generate.path);

  it('is found in lists, in batches and behind bytes that are no text', () => {
    const stop = spoilt(Generate.requestSerialize({ ...say('a'), stop: ['b', mark] }));
    expect(invalidText(generate, stop)).toBe('stop[1]');
    const batch = spoilt(SubmitBatch.requestSerialize({ requests: [say('a'), say(mark)] }));
    expect(invalidText(requestTypeOf(SubmitBatch.path), batch)).toBe(
      'requests[1].messages[0].parts[1].text',
    );
    const image = Buffer.from([0xff, 0xd8, 0xff]);
    const picture = { messages: [{ role: 'user', parts: [{ image }] }], logitBias: { 7: 1 } };
    expect(invalidText(generate, Generate.requestSerialize(picture))).toBeUndefined();
  });

  it('is never found in what was written as text (property)', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, fc.array(text), text, (one, stop, model) => {
        const bytes = Generate.requestSerialize({ ...say(one), stop, model });
        return invalidText(generate, bytes) === undefined;
      }),
    );
  });
});
