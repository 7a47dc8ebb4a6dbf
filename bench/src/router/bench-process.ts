import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createServer } from 'node:net';

/** A program that this bench starts and ends. */
export interface BenchProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

const graceMs = 3_000;
const readyMsMax = 20_000;
const saidMax = 2_000;

/** Starts a program that says nothing when it is ready, and waits until it listens. */
export const startListening = async (
  what: string,
  command: readonly string[],
  port: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<BenchProcess> => {
  const [file = '', ...words] = command;
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment };
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-saidMax);
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      said += error.message;
      resolve();
    });
  });
  const stop = (): Promise<void> => stopChild(child, ended);
  if (await listens(port, ended)) return { pid: child.pid ?? 0, stop };
  await stop();
  throw new Error(`${what} did not start. It said:\n${said}`);
};

const stopChild = async (child: ChildProcess, ended: Promise<void>): Promise<void> => {
  child.kill('SIGTERM');
  const hardKill = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(hardKill);
};

const listens = async (port: number, ended: Promise<void>): Promise<boolean> => {
  const untilMs = performance.now() + readyMsMax;
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  while (!gone && performance.now() < untilMs) {
    if (await connects(port)) return !gone;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
};

const connects = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (connected: boolean): void => {
      socket.destroy();
      resolve(connected);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};
