/**
 * The peer: a whole model in one process, run by `@huggingface/transformers`, behind the least HTTP server that speaks
 * the router's streaming form. It takes the messages of the OpenAI form with pictures as data URLs, answers greedily, and
 * sends each token when it is made. Settings come as environment variables; it says where it listens on its first line.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadMonolithModel, type MonolithModel } from './monolith-model.ts';

/**
 * Requests that generate at once; they take turns, a token each. More wait, first come first served. A client may change it
 * by a POST to /concurrency/N.
 */
let concurrency = 1;

interface Body {
  readonly messages: Parameters<MonolithModel['generate']>[0];
  readonly max_tokens: number;
}

const waiting: (() => void)[] = [];
let running = 0;

const enter = async (): Promise<void> => {
  if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
};
const exit = (): void => {
  running -= 1;
  waiting.shift()?.();
};

const read = async (request: IncomingMessage): Promise<Body> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Body;
};

const answer = async (
  model: MonolithModel,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const send = (chunk: object): void => void response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  const change = /^\/concurrency\/([1-9]\d*)$/.exec(request.url ?? '');
  if (change !== null) {
    concurrency = Number(change[1]);
    response.end();
    return;
  }
  const { messages, max_tokens: tokensMax } = await read(request);
  await enter();
  try {
    if (response.destroyed) return;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const call = model.generate(messages, tokensMax, (text) =>
      send({ choices: [{ delta: { content: text } }] }),
    );
    response.on('close', call.interrupt);
    const tokens = await call.tokens;
    send({ choices: [], usage: { completion_tokens: tokens } });
  } catch (error) {
    send({ error: { message: String(error) } });
  } finally {
    exit();
    response.end('data: [DONE]\n\n');
  }
};

const model = await loadMonolithModel({
  modelDir: process.env['MONOLITH_MODEL_DIR'] ?? '',
  precision: process.env['MONOLITH_PRECISION'] === 'int8' ? 'int8' : 'fp32',
  threads: Number(process.env['MONOLITH_THREADS'] ?? 1),
});
const server = createServer((request, response) => void answer(model, request, response));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ address: `127.0.0.1:${port}` })}\n`);
});
const stop = (): never => process.exit(0);
process.on('SIGTERM', stop);
// The parent holds the other end: when it is gone, nobody needs this process.
process.stdin.on('end', stop).resume();
