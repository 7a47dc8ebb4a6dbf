import { Fault, stages } from '@isotherm/kernel';
import type { InstanceCache, RouterEntry, RouterGetStatusResponse } from '@isotherm/proto';
import { callUnary, createPeers } from '@isotherm/rpc';
import { routerError } from '../ask/generate.ts';
import { type Column, tableLines } from '../show/table.ts';
import { terminalOf } from '../show/terminal.ts';
import { findRouter } from '../state/find-router.ts';

export interface StatusOptions {
  readonly address?: string;
  readonly json?: boolean;
}

const timeoutMs = 5000;

const columns: readonly Column[] = [
  { title: 'stage', align: 'left' },
  { title: 'instance', align: 'left' },
  { title: 'address', align: 'left' },
  { title: 'model', align: 'left' },
  { title: 'state', align: 'left' },
  { title: 'jobs', align: 'right' },
  { title: 'pending tokens', align: 'right' },
  { title: 'cache', align: 'right' },
  { title: 'hits', align: 'right' },
];

/** `isotherm status`: what a router knows and holds. */
export const status = async (options: StatusOptions): Promise<void> => {
  const address = findRouter(options.address);
  const terminal = terminalOf(process.stdout);
  const answer = inOrder(await getStatus(address));
  if (options.json === true) return terminal.line(JSON.stringify(statusJson(address, answer)));
  terminal.line(
    `${answer.routerId} at ${address} serves ${answer.models.join(', ')}: ` +
      `${answer.requests} requests in flight, ${answer.bookings} bookings, ${answer.leases} leases`,
  );
  if (answer.routers.length > 1)
    terminal.line(`routers: ${answer.routers.map(routerText).join(', ')}`);
  terminal.line();
  for (const line of tableLines(columns, answer.instances.map(row))) terminal.line(line);
};

const routerText = ({ routerId, address, state }: RouterEntry): string =>
  `${routerId} at ${address}${state === 'serving' ? '' : ` (${state})`}`;

/** Instances in the order that a request meets them. */
const inOrder = (answer: RouterGetStatusResponse): RouterGetStatusResponse => {
  const place = (stage: string): number => stages.findIndex((known) => known === stage);
  const instances = answer.instances.toSorted((a, b) => place(a.stage) - place(b.stage));
  return { ...answer, instances };
};

const row = (one: RouterGetStatusResponse['instances'][number]): readonly string[] => [
  one.stage,
  one.instanceId,
  one.address,
  one.model,
  stateText(one),
  String(one.bookings),
  String(one.pendingTokens),
  one.cache === null ? '' : bytesText(one.cache.bytes),
  one.cache === null ? '' : hitText(one.cache),
];

/** An instance that is there and gets no work for now is neither ready nor away. */
const stateText = ({ ready, breaker }: RouterGetStatusResponse['instances'][number]): string => {
  if (!ready) return 'away';
  return breaker === 'open' ? 'failing' : 'ready';
};

/** Bytes of a cache in MB, to read at a glance. */
const bytesText = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Of all jobs, how many found something in the cache; those that joined another's work count too. */
const hitText = ({ hits, misses, coalesced }: InstanceCache): string =>
  `${hits + coalesced} of ${hits + misses + coalesced}`;

const statusJson = (address: string, answer: RouterGetStatusResponse): object => ({
  router: answer.routerId,
  address,
  models: answer.models,
  requests: answer.requests,
  bookings: answer.bookings,
  leases: answer.leases,
  instances: answer.instances.map((one) => ({
    stage: one.stage,
    instance: one.instanceId,
    address: one.address,
    model: one.model,
    ready: one.ready,
    precision: one.precision,
    bookings: one.bookings,
    pending_tokens: one.pendingTokens,
    cache: one.cache === null ? null : cacheJson(one.cache),
  })),
});

const cacheJson = (cache: InstanceCache): object => ({
  name: cache.name,
  entries: cache.entries,
  bytes: cache.bytes,
  bytes_max: cache.bytesMax,
  hits: cache.hits,
  misses: cache.misses,
  evictions: cache.evictions,
  coalesced: cache.coalesced,
  keys_known: cache.keysKnown,
});

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
