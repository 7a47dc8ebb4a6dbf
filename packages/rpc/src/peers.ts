import * as grpc from '@grpc/grpc-js';
import type {
  DecodeServiceClient,
  EncoderServiceClient,
  PrefillServiceClient,
  RouterServiceClient,
  StageServiceClient,
  ThermalServiceClient,
  TransferServiceClient,
  UpstreamServiceClient,
} from '@isotherm/proto';
import { channelOptions, ownConnectionOptions } from './channel-options.ts';
import { serviceName } from './near/near-services.ts';
import { protos } from './protos.ts';
import { createPullThread, type PullThread } from './transfer/aside/pull-thread.ts';
import { createNeighbours, type Neighbours } from './transfer/neighbours.ts';

/** Clients of other services, one channel an address, made when first needed; neighbours need none. */
export interface Peers {
  /** Payloads of services in this very process. */
  readonly neighbours: Neighbours;
  /** Small payloads, and the ends of leases. */
  transfer(address: string): TransferServiceClient;
  /** Large payloads, over a connection of their own: small ones do not wait behind them. */
  bulk(address: string): TransferServiceClient;
  /** Lets go of the connection under a client of payloads that has gone silent: the next call of its kind opens another. */
  renew(address: string, client: TransferServiceClient): void;
  /** An owner from which nothing of a payload comes for this long is asked again over a new connection, in milliseconds. */
  readonly pullSilenceMs: number;
  /** Where large payloads are pulled. */
  readonly pullThread: PullThread;
  stage(address: string): StageServiceClient;
  encoder(address: string): EncoderServiceClient;
  prefill(address: string): PrefillServiceClient;
  decode(address: string): DecodeServiceClient;
  upstream(address: string): UpstreamServiceClient;
  router(address: string): RouterServiceClient;
  thermal(address: string): ThermalServiceClient;
  /** Lets go of one address, for example of an instance that is gone. */
  forget(address: string): void;
  close(): void;
}

const kinds = [
  'transfer',
  'bulk',
  'stage',
  'watch-encoder',
  'watch-prefill',
  'watch-decode',
  'watch-upstream',
  'router',
  'watch-thermal',
] as const;
type Kind = (typeof kinds)[number];

/** Clients that carry event streams are only closed by `forget`. */
const watched = 'watch-';

/** Most clients kept: addresses of processes that are gone must not gather for ever. */
const clientsMax = 2048;

export interface PeerBounds {
  readonly pullSilenceMs: number;
}

/** Longer than a busy process lets others wait, shorter than a client does. */
export const peerBounds: PeerBounds = { pullSilenceMs: 1000 };

export const createPeers = (
  neighbours: Neighbours = createNeighbours(),
  { pullSilenceMs }: PeerBounds = peerBounds,
): Peers => {
  const credentials = grpc.credentials.createInsecure();
  const { all: clients, clientOf, close } = createClients();
  /** A neighbour's calls go past the network; of a client they have the methods, which is all that is used of it. */
  const nearOr = <Client extends grpc.Client>(
    address: string,
    definition: grpc.ServiceDefinition,
    far: () => Client,
  ): Client =>
    (neighbours.client(address, serviceName({ definition })) as Client | undefined) ?? far();
  const { transfer, stage, encoder, prefill, decode, router, thermal, upstream } = protos.isotherm;
  const payloads = (address: string, kind: 'transfer' | 'bulk'): TransferServiceClient =>
    clientOf(
      address,
      kind,
      () => new transfer.v1.TransferService(address, credentials, ownConnectionOptions),
    );
  const pullThread = createPullThread({ pullSilenceMs });
  return {
    ...{ neighbours, pullSilenceMs, pullThread },
    transfer: (address) => payloads(address, 'transfer'),
    bulk: (address) => payloads(address, 'bulk'),
    renew: (address, client) => {
      for (const kind of ['transfer', 'bulk'] as const) {
        const key = `${kind} ${address}`;
        // Others may have found it silent before.
        if (clients.get(key) === (client as object)) close(key);
      }
    },
    stage: (address) =>
      nearOr(address, stage.v1.StageService.service, () =>
        clientOf(
          address,
          'stage',
          () => new stage.v1.StageService(address, credentials, channelOptions),
        ),
      ),
    encoder: (address) =>
      nearOr(address, encoder.v1.EncoderService.service, () =>
        clientOf(
          address,
          'watch-encoder',
          () => new encoder.v1.EncoderService(address, credentials, ownConnectionOptions),
        ),
      ),
    prefill: (address) =>
      nearOr(address, prefill.v1.PrefillService.service, () =>
        clientOf(
          address,
          'watch-prefill',
          () => new prefill.v1.PrefillService(address, credentials, ownConnectionOptions),
        ),
      ),
    decode: (address) =>
      nearOr(address, decode.v1.DecodeService.service, () =>
        clientOf(
          address,
          'watch-decode',
          () => new decode.v1.DecodeService(address, credentials, ownConnectionOptions),
        ),
      ),
    upstream: (address) =>
      nearOr(address, upstream.v1.UpstreamService.service, () =>
        clientOf(
          address,
          'watch-upstream',
          () => new upstream.v1.UpstreamService(address, credentials, ownConnectionOptions),
        ),
      ),
    router: (address) =>
      clientOf(
        address,
        'router',
        () => new router.v1.RouterService(address, credentials, channelOptions),
      ),
    thermal: (address) =>
      clientOf(
        address,
        'watch-thermal',
        () => new thermal.v1.ThermalService(address, credentials, ownConnectionOptions),
      ),
    forget: (address) => {
      for (const kind of kinds) close(`${kind} ${address}`);
    },
    close: () => {
      for (const key of [...clients.keys()]) close(key);
      pullThread.close();
    },
  };
};

/** Clients by what they are for and by address, made when first needed. */
const createClients = () => {
  const all = new Map<string, grpc.Client>();
  const close = (key: string): void => {
    all.get(key)?.close();
    all.delete(key);
  };
  const clientOf = <Client extends grpc.Client>(
    address: string,
    kind: Kind,
    make: () => Client,
  ): Client => {
    const key = `${kind} ${address}`;
    const client = all.get(key) ?? make();
    // Kept in the order of use, so that the first short-lived one is the one to let go of.
    all.delete(key);
    all.set(key, client);
    if (all.size > clientsMax) {
      const oldest = [...all.keys()].find((known) => !known.startsWith(watched));
      if (oldest !== undefined) close(oldest);
    }
    // Each kind has one constructor, so what is stored under it is what `make` makes.
    return client as Client;
  };
  return { all, clientOf, close };
};
