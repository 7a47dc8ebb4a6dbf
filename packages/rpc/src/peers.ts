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
import { askingChannelOptions, channelOptions, watchChannelOptions } from './channel-options.ts';
import { protos } from './protos.ts';
import { createNeighbours, type Neighbours } from './transfer/neighbours.ts';

/** Clients of other processes, one channel an address, made when first needed. */
export interface Peers {
  /** Payloads of services in this very process. */
  readonly neighbours: Neighbours;
  transfer(address: string): TransferServiceClient;
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

export const createPeers = (neighbours: Neighbours = createNeighbours()): Peers => {
  const clients = new Map<string, grpc.Client>();
  const credentials = grpc.credentials.createInsecure();
  const close = (key: string): void => {
    clients.get(key)?.close();
    clients.delete(key);
  };
  const clientOf = <Client extends grpc.Client>(
    address: string,
    kind: Kind,
    make: () => Client,
  ): Client => {
    const key = `${kind} ${address}`;
    const client = clients.get(key) ?? make();
    // Kept in the order of use, so that the first short-lived one is the one to let go of.
    clients.delete(key);
    clients.set(key, client);
    if (clients.size > clientsMax) {
      const oldest = [...clients.keys()].find((known) => !known.startsWith(watched));
      if (oldest !== undefined) close(oldest);
    }
    // Each kind has one constructor, so what is stored under it is what `make` makes.
    return client as Client;
  };
  const { transfer, stage, encoder, prefill, decode, router, thermal, upstream } = protos.isotherm;
  return {
    neighbours,
    transfer: (address) =>
      clientOf(
        address,
        'transfer',
        () => new transfer.v1.TransferService(address, credentials, channelOptions),
      ),
    stage: (address) =>
      clientOf(
        address,
        'stage',
        () => new stage.v1.StageService(address, credentials, channelOptions),
      ),
    encoder: (address) =>
      clientOf(
        address,
        'watch-encoder',
        () => new encoder.v1.EncoderService(address, credentials, watchChannelOptions),
      ),
    prefill: (address) =>
      clientOf(
        address,
        'watch-prefill',
        () => new prefill.v1.PrefillService(address, credentials, watchChannelOptions),
      ),
    decode: (address) =>
      clientOf(
        address,
        'watch-decode',
        () => new decode.v1.DecodeService(address, credentials, watchChannelOptions),
      ),
    upstream: (address) =>
      clientOf(
        address,
        'watch-upstream',
        () => new upstream.v1.UpstreamService(address, credentials, watchChannelOptions),
      ),
    router: (address) =>
      clientOf(
        address,
        'router',
        () => new router.v1.RouterService(address, credentials, askingChannelOptions),
      ),
    thermal: (address) =>
      clientOf(
        address,
        'watch-thermal',
        () => new thermal.v1.ThermalService(address, credentials, watchChannelOptions),
      ),
    forget: (address) => {
      for (const kind of kinds) close(`${kind} ${address}`);
    },
    close: () => {
      for (const key of [...clients.keys()]) close(key);
    },
  };
};
