import type { Handle } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';
import type { Logger } from '@isotherm/runtime';

/**
 * Ends leases at their owners, gathered for a few milliseconds into one call an owner. An owner that cannot be
 * reached ends them by time.
 */
export interface Releaser {
  release(handle: Pick<Handle, 'leaseId' | 'address'>): void;
  /** Sends what has gathered. */
  flush(): Promise<void>;
}

const gatherMs = 5;
const callTimeoutMs = 2000;

export const createReleaser = (peers: Peers, logger: Logger): Releaser => {
  const gathered = new Map<string, string[]>();
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const owners = [...gathered];
    gathered.clear();
    await Promise.all(
      owners.map(([address, leaseIds]) =>
        callUnary<unknown>((callback) =>
          peers
            .transfer(address)
            .release({ leaseIds }, { deadline: Date.now() + callTimeoutMs }, callback),
        ).catch((error: unknown) => logger.info({ err: error, address }, 'release did not arrive')),
      ),
    );
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
      timer ??= setTimeout(() => void flush(), gatherMs);
    },
    flush,
  };
};
