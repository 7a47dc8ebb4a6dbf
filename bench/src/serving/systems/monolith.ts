import { type PeerOptions, startPeer, stopAll } from '../peer/start-monolith.ts';
import type { System } from './system.ts';

/** The peer, which can be told how many requests take turns in each of its processes. */
export interface Monolith extends System {
  takeTurns(concurrency: number): Promise<void>;
}

export const startMonolith = async (options: PeerOptions): Promise<Monolith> => {
  const processes = await startPeer(options);
  return {
    takeTurns: async (concurrency) => {
      for (const { ready } of processes) {
        await fetch(`http://${ready.address}/concurrency/${concurrency}`, { method: 'POST' });
      }
    },
    name: 'monolith',
    targets: processes.map(({ ready }) => `http://${ready.address}`),
    processes,
    loopDelayP99Ms: () => Promise.resolve({}),
    stop: () => stopAll(processes),
  };
};
