import { Fault } from '@isotherm/kernel';
import type { ExplainResponse, RouterGetStatusResponse } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';
import { routerError } from '../ask/generate.ts';
import { CommandError } from '../exit-code.ts';

const timeoutMs = 5000;

/** All routers of the system of which one is known, by their addresses; that one is always among them. */
export const routersOf = async (peers: Peers, address: string): Promise<readonly string[]> => {
  try {
    const { routers } = await callUnary<RouterGetStatusResponse>((callback) =>
      peers.router(address).getStatus({}, { deadline: Date.now() + timeoutMs }, callback),
    );
    return [...new Set([address, ...routers.map((router) => router.address)])];
  } catch (error) {
    throw error instanceof Fault ? routerError(error, address) : error;
  }
};

type Found =
  | { readonly kind: 'record'; readonly record: ExplainResponse }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'silent'; readonly address: string };

/** Asks every router for the record of a request. Throws a CommandError where none has it. */
export const findRecord = async (
  peers: Peers,
  address: string,
  requestId: string,
): Promise<ExplainResponse> => {
  const addresses = await routersOf(peers, address);
  const found = await Promise.all(addresses.map((router) => ask(peers, router, requestId)));
  for (const one of found) if (one.kind === 'record') return one.record;
  const silent = found.flatMap((one) => (one.kind === 'silent' ? [one.address] : []));
  throw new CommandError(
    `None of ${addresses.length} routers remembers request "${requestId}". A router remembers its ` +
      'last ISOTHERM_TRACES_MAX requests; the id is in the header x-request-id.' +
      (silent.length === 0 ? '' : ` No answer came from ${silent.join(', ')}.`),
  );
};

const ask = async (peers: Peers, address: string, requestId: string): Promise<Found> => {
  try {
    const record = await callUnary<ExplainResponse>((callback) =>
      peers.router(address).explain({ requestId }, { deadline: Date.now() + timeoutMs }, callback),
    );
    return { kind: 'record', record };
  } catch (error) {
    if (error instanceof Fault && error.code === 'not_found') return { kind: 'unknown' };
    return { kind: 'silent', address };
  }
};
