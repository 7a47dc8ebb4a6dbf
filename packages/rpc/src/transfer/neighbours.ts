import { randomUUID } from 'node:crypto';
import { createNearServices, type NearServices } from '../near/near-services.ts';
import type { ServedService } from '../server.ts';
import type { LeaseStore } from './lease-store.ts';

/**
 * Services that share a process, by address: payloads that one of them owns the others take by reference, and its calls
 * they make without the network. Empty in a process that hosts one service.
 */
export interface Neighbours {
  /** Names what they share: the same for all neighbours, and for nobody else. */
  readonly processId: string;
  /** Payloads of this address are in this store, and it serves these services, until the returned function is called. */
  add(address: string, store: LeaseStore, services?: readonly ServedService[]): () => void;
  at(address: string): LeaseStore | undefined;
  /** Calls of a service at an address, by the service's full name. */
  client(address: string, service: string): object | undefined;
}

interface Neighbour {
  readonly store: LeaseStore;
  readonly calls: NearServices;
}

export const createNeighbours = (): Neighbours => {
  const all = new Map<string, Neighbour>();
  return {
    processId: randomUUID().slice(0, 8),
    add: (address, store, services = []) => {
      const neighbour = { store, calls: createNearServices(services) };
      all.set(address, neighbour);
      return () => {
        if (all.get(address) === neighbour) all.delete(address);
        neighbour.calls.close();
      };
    },
    at: (address) => all.get(address)?.store,
    client: (address, service) => all.get(address)?.calls.client(service),
  };
};
