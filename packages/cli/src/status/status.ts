import { Fault, stages } from '@isotherm/kernel';
import type { RouterGetStatusResponse } from '@isotherm/proto';
import { callUnary, createPeers } from '@isotherm/rpc';
import { routerError } from '../ask/generate.ts';
import { terminalOf } from '../show/terminal.ts';
import { findRouter } from '../state/find-router.ts';
import { statusJson } from './status-json.ts';
import { statusLines } from './status-lines.ts';

export interface StatusOptions {
  readonly address?: string;
  readonly json?: boolean;
}

const timeoutMs = 5000;

/** `isotherm status`: what a router knows and holds. */
export const status = async (options: StatusOptions): Promise<void> => {
  const address = findRouter(options.address);
  const terminal = terminalOf(process.stdout);
  const answer = inOrder(await getStatus(address));
  if (options.json === true) return terminal.line(JSON.stringify(statusJson(address, answer)));
  for (const line of statusLines(answer, address)) terminal.line(line);
};

/** Instances in the order that a request meets them. */
const inOrder = (answer: RouterGetStatusResponse): RouterGetStatusResponse => {
  const place = (stage: string): number => stages.findIndex((known) => known === stage);
  const instances = answer.instances.toSorted((a, b) => place(a.stage) - place(b.stage));
  return { ...answer, instances };
};

const getStatus = async (address: string): Promise<RouterGetStatusResponse> => {
  const peers = createPeers();
  try {
    const client = peers.router(address);
    return await callUnary<RouterGetStatusResponse>((callback) =>
      client.getStatus({}, { deadline: Date.now() + timeoutMs }, callback),
    );
  } catch (error) {
    throw error instanceof Fault ? routerError(error, address) : error;
  } finally {
    peers.close();
  }
};
