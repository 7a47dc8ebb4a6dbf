import { randomUUID } from 'node:crypto';
import { createPeers, type Peers } from '@isotherm/rpc';
import { type LocalStack, type StackOptions, startLocalStack } from '@isotherm/stack';

/** A stack of services that a test talks to, and what is needed to look into it. */
export interface Deployment {
  readonly stack: LocalStack;
  readonly peers: Peers;
  /** What the services have logged, the last lines: shown when a test fails. */
  readonly logs: readonly string[];
  close(): Promise<void>;
}

export type DeploymentOptions = Omit<StackOptions, 'log'>;

const logLinesMax = 2000;

/**
 * Services under a Redis prefix of their own, so that test files do not see each other's
 * instances.
 */
export const deploy = async (options: DeploymentOptions): Promise<Deployment> => {
  const logs: string[] = [];
  const stack = await startLocalStack({
    ...options,
    settings: { ISOTHERM_PREFIX: `isotherm-test-${randomUUID()}`, ...options.settings },
    log: (service, line) => {
      logs.push(`${service} ${line}`);
      if (logs.length > logLinesMax) logs.shift();
    },
  });
  const peers = createPeers();
  return {
    stack,
    peers,
    logs,
    close: async () => {
      peers.close();
      await stack.stop();
    },
  };
};

/** Settings that notice a silent instance in a second instead of three. */
export const quickToNotice = {
  ISOTHERM_HEARTBEAT_MS: '100',
  ISOTHERM_SILENCE_MS: '1000',
} as const;

/** Settings under which work that was done before is done again. */
export const withoutCaches = {
  ISOTHERM_EMBEDDING_CACHE_BYTES_MAX: '0',
  ISOTHERM_PREFIX_CACHE_BYTES_MAX: '0',
} as const;

/** Settings of the engine that takes given times and computes nothing. */
export const profileEngine = (
  profile: Readonly<Record<string, number>> = {},
): Readonly<Record<string, string>> => ({
  ISOTHERM_ENGINE: 'profile',
  ISOTHERM_PROFILE: JSON.stringify(profile),
});
