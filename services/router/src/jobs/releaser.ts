import type { Handle } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';
import type { Logger } from '@isotherm/runtime';

/**
 * Ends leases at their owners, gathered for a few milliseconds into one call an owner. A call that does not arrive is
 * made again a few times; an owner that cannot be reached for longer ends its leases by time.
 */
export interface Releaser {
  release(handle: Pick<Handle, 'leaseId' | 'address'>): void;
  /** Sends what has gathered. */
  flush(): Promise<void>;
}

export interface ReleaserTimes {
  readonly gatherMs: number;
  readonly callMsMax: number;
  /** Wait before the second try; it doubles with each one. */
  readonly retryMs: number;
  readonly triesMax: number;
}

/** All tries together take about as long as a connection that is dead without a word goes unnoticed. */
const usualTimes: ReleaserTimes = { gatherMs: 5, callMsMax: 2000, retryMs: 250, triesMax: 5 };

export const createReleaser = (
  peers: Peers,
  logger: Logger,
  times: ReleaserTimes = usualTimes,
): Releaser => {
  const gathered = new Map<string, string[]>();
  let timer: NodeJS.Timeout | undefined;

  const send = async (address: string, leaseIds: string[], tries: number): Promise<void> => {
    try {
      await callUnary<unknown>((callback) =>
        peers
          .transfer(address)
          .release({ leaseIds }, { deadline: Date.now() + times.callMsMax }, callback),
      );
    } catch (error) {
      if (tries >= times.triesMax) {
        logger.info({ err: error, address }, 'release did not arrive');
        return;
      }
      const again = (): void => void send(address, leaseIds, tries + 1);
      setTimeout(again, times.retryMs * 2 ** (tries - 1)).unref();
    }
  };

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const owners = [...gathered];
    gathered.clear();
    await Promise.all(owners.map(([address, leaseIds]) => send(address, leaseIds, 1)));
  };

  return {
    release: ({ leaseId, address }) => {
      const neighbour = peers.neighbours.at(address);
      if (neighbour !== undefined) {
        neighbour.release([leaseId]);
        return;
      }
      const ids = gathered.get(address);
      if (ids === undefined) gathered.set(address, [leaseId]);
      else ids.push(leaseId);
      timer ??= setTimeout(() => void flush(), times.gatherMs);
    },
    flush,
  };
};
