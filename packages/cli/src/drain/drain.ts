import { setTimeout as delay } from 'node:timers/promises';
import { status as grpcStatus } from '@grpc/grpc-js';
import { Fault } from '@isotherm/kernel';
import type { RouterGetStatusResponse, StageGetStatusResponse } from '@isotherm/proto';
import { callUnary, createPeers, type Peers } from '@isotherm/rpc';
import { routerError } from '../ask/generate.ts';
import { CommandError } from '../exit-code.ts';
import { terminalOf } from '../show/terminal.ts';
import { findRouter } from '../state/find-router.ts';
import { type DrainTarget, drainTarget, refuseLast } from './drain-target.ts';

export interface DrainOptions {
  readonly grace: number;
  readonly force?: boolean;
  readonly address?: string;
  readonly json?: boolean;
}

const callTimeoutMs = 5000;
/** How often the progress is asked for. */
const pollMs = 200;
/** How long an instance may take to close beyond its grace. */
const closingMsMax = 15_000;

/** What somebody who drains still has to do. */
interface Remaining {
  readonly what: string;
  readonly count: number;
}

/** `isotherm drain`: lets an instance or a router end what it has begun, and waits until it has gone. */
export const drain = async (id: string, options: DrainOptions): Promise<void> => {
  const terminal = terminalOf(process.stdout);
  const say = (line: string): void => {
    if (options.json !== true) terminal.line(line);
  };
  const peers = createPeers();
  const startMs = performance.now();
  try {
    const target = drainTarget(await getStatus(peers, findRouter(options.address)), id);
    refuseLast(target, options.force === true);
    const graceMs = Math.round(options.grace * 1000);
    await begin(peers, target, graceMs);
    say(`${id} takes no new work`);
    let last = '';
    const endMs = startMs + graceMs + closingMsMax;
    for (;;) {
      const remaining = await remainingAt(peers, target);
      if (remaining === undefined) break;
      const text = remaining.map(({ what, count }) => `${count} ${what}`).join(', ');
      if (text !== last) say(`${id} still has ${text}`);
      last = text;
      if (performance.now() > endMs) {
        throw new CommandError(`${id} has not ended ${closingMsMax / 1000} s after its grace.`);
      }
      await delay(pollMs);
    }
    const tookMs = Math.round(performance.now() - startMs);
    say(`${id} has drained and gone, in ${(tookMs / 1000).toFixed(1)} s`);
    if (options.json === true) terminal.line(JSON.stringify({ id, took_ms: tookMs }));
  } finally {
    peers.close();
  }
};

const getStatus = async (peers: Peers, address: string): Promise<RouterGetStatusResponse> => {
  try {
    return await callUnary<RouterGetStatusResponse>((callback) =>
      peers.router(address).getStatus({}, { deadline: Date.now() + callTimeoutMs }, callback),
    );
  } catch (error) {
    throw error instanceof Fault ? routerError(error, address) : error;
  }
};

const begin = (peers: Peers, { kind, address }: DrainTarget, graceMs: number): Promise<unknown> =>
  callUnary<unknown>((callback) => {
    const service = kind === 'router' ? peers.router(address) : peers.stage(address);
    return service.drain({ graceMs }, { deadline: Date.now() + callTimeoutMs }, callback);
  });

/** What it still has; undefined when it has gone. */
const remainingAt = async (
  peers: Peers,
  { kind, address }: DrainTarget,
): Promise<readonly Remaining[] | undefined> => {
  const deadline = Date.now() + callTimeoutMs;
  try {
    if (kind === 'router') {
      const { requests, leases } = await callUnary<RouterGetStatusResponse>((callback) =>
        peers.router(address).getStatus({}, { deadline }, callback),
      );
      return [
        { what: 'requests in flight', count: requests },
        { what: 'leases', count: leases },
      ];
    }
    const { load, leases } = await callUnary<StageGetStatusResponse>((callback) =>
      peers.stage(address).getStatus({}, { deadline }, callback),
    );
    return [
      { what: 'jobs', count: load?.running ?? 0 },
      { what: 'payloads that others still want', count: leases },
    ];
  } catch (error) {
    if (isGone(error)) return undefined;
    // It is only slow to answer: the next question tells.
    return [];
  }
};

/** Its server does not take calls any more. A call that was merely slow says `DEADLINE_EXCEEDED`. */
const isGone = (error: unknown): boolean => {
  const cause = error instanceof Fault ? (error.cause as { readonly code?: number }) : undefined;
  return cause?.code === grpcStatus.UNAVAILABLE;
};
