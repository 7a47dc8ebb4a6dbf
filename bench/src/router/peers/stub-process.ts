/** A model server that does nothing: always the same answer, over HTTP in OpenAI's form and over gRPC. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { GenerateRequest, GenerateResponseInput } from '@isotherm/proto';
import { protos, startServer } from '@isotherm/rpc';

const tokens = Number(process.argv[2]);
const words = Array.from({ length: tokens }, () => 'a');
const head = { id: 'chatcmpl-stub', created: 1, model: 'profile' };
const usage = { prompt_tokens: 15, completion_tokens: tokens, total_tokens: 15 + tokens };
const chunk = (delta: object, finish: string | null, rest: object = {}): string => {
  const choices = [{ index: 0, delta, finish_reason: finish, logprobs: null }];
  const event = { ...head, object: 'chat.completion.chunk', choices, ...rest };
  return `data: ${JSON.stringify(event)}\n\n`;
};
const events = [
  chunk({ role: 'assistant', content: '' }, null),
  ...words.map((content) => chunk({ content }, null)),
  chunk({}, 'stop', { usage }),
  'data: [DONE]\n\n',
];
const message = { role: 'assistant', content: words.join('') };
const whole = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }],
  usage,
});

const json = { 'content-type': 'application/json' };
const models = JSON.stringify({ object: 'list', data: [{ id: head.model, object: 'model' }] });

const answer = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.method === 'GET') {
    response.writeHead(200, json).end(models);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (piece: Buffer) => chunks.push(piece));
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { readonly stream?: boolean };
    if (body.stream === true) {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      for (const event of events) response.write(event);
      response.end();
      return;
    }
    const length = Buffer.byteLength(whole);
    response.writeHead(200, { ...json, 'content-length': length });
    response.end(whole);
  });
};

const generate = (call: ServerWritableStream<GenerateRequest, GenerateResponseInput>): void => {
  for (const text of words) call.write({ text: { text, logprobs: [] } });
  call.write({ finished: { model: head.model, finishReason: 'length' } });
  call.end();
};

const http = createServer(answer);
http.listen(0, '127.0.0.1');
await once(http, 'listening');
const address = http.address();
const grpc = await startServer({
  listen: '127.0.0.1:0',
  advertiseHost: '127.0.0.1',
  reflection: false,
  services: [
    {
      definition: protos.isotherm.router.v1.RouterService.service,
      implementation: { Generate: generate },
    },
  ],
});
process.send?.({
  http: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
  grpc: grpc.address,
});
process.once('disconnect', () => process.exit());
