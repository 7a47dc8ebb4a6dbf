import * as grpc from '@grpc/grpc-js';
import type {
  DecodeServiceClient,
  EncoderServiceClient,
  PrefillServiceClient,
  RouterServiceClient,
  StageServiceClient,
  TransferServiceClient,
} from '@isotherm/proto';
import { channelOptions } from './channel-options.ts';
import { protos } from './protos.ts';

/** Clients of other processes, one channel an address, made when first needed. */
export interface Peers {
  transfer(address: string): TransferServiceClient;
  stage(address: string): StageServiceClient;
  encoder(address: string): EncoderServiceClient;
  prefill(address: string): PrefillServiceClient;
  decode(address: string): DecodeServiceClient;
  router(address: string): RouterServiceClient;
  /** Lets go of one address, for example of an instance that is gone. */
  forget(address: string): void;
  close(): void;
}

export const createPeers = (): Peers => {
  const clients = new Map<string, Map<string, grpc.Client>>();
  const credentials = grpc.credentials.createInsecure();
  const clientOf = <Client extends grpc.Client>(
    address: string,
    kind: string,
    make: () => Client,
  ): Client => {
    const ofAddress = clients.get(address) ?? new Map<string, grpc.Client>();
    clients.set(address, ofAddress);
    const client = ofAddress.get(kind) ?? make();
    ofAddress.set(kind, client);
    // Each kind has one constructor, so what is stored under it is what `make` makes.
    return client as Client;
  };
  const { transfer, stage, encoder, prefill, decode, router } = protos.isotherm;
  return {
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
        'encoder',
        () => new encoder.v1.EncoderService(address, credentials, channelOptions),
      ),
    prefill: (address) =>
      clientOf(
        address,
        'prefill',
        () => new prefill.v1.PrefillService(address, credentials, channelOptions),
      ),
    decode: (address) =>
      clientOf(
        address,
        'decode',
        () => new decode.v1.DecodeService(address, credentials, channelOptions),
      ),
    router: (address) =>
      clientOf(
        address,
        'router',
        () => new router.v1.RouterService(address, credentials, channelOptions),
      ),
    forget: (address) => {
      for (const client of clients.get(address)?.values() ?? []) client.close();
      clients.delete(address);
    },
    close: () => {
      for (const ofAddress of clients.values())
        for (const client of ofAddress.values()) client.close();
      clients.clear();
    },
  };
};
