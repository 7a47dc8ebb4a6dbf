import { randomUUID } from 'node:crypto';
import type { LeaseStore } from './lease-store.ts';

/**
 * The lease stores of services that share a process, by address: what one of them owns the others take by reference,
 * without a copy and without the network. Empty in a process that hosts one service.
 */
export interface Neighbours {
  /** Names what they share: the same for all neighbours, and for nobody else. */
  readonly processId: string;
  /** Payloads of this address are in this store, until the returned function is called. */
  add(address: string, store: LeaseStore): () => void;
  at(address: string): LeaseStore | undefined;
}

export const createNeighbours = (): Neighbours => {
  const stores = new Map<string, LeaseStore>();
  return {
    processId: randomUUID().slice(0, 8),
    add: (address, store) => {
      stores.set(address, store);
      return () => {
        if (stores.get(address) === store) stores.delete(address);
      };
    },
    at: (address) => stores.get(address),
  };
};
