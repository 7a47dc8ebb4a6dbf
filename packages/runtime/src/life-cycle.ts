import type { Logger } from './logging.ts';
import { takePriority } from './process-priority.ts';

/** starting → serving → draining → stopped; failed from anywhere. */
export type LifeCycleState = 'starting' | 'serving' | 'draining' | 'stopped' | 'failed';

type Facts = Readonly<Record<string, string | number>>;

/** A started service, as the process that hosts it sees it. */
export interface RunningService {
  /** gRPC address that peers use, host:port. */
  readonly address: string;
  /** What to tell the operator once it serves, for example the HTTP address. */
  readonly facts: Facts;
  /** The same of each instance, with its address, where several share the process. */
  readonly hosted?: readonly Facts[];
  /** Takes no new work, finishes what runs within the grace, closes everything. Safe to call twice. */
  stop(): Promise<void>;
  /** Resolves when it ends without being asked here: with an Error when it failed, without when it was drained. */
  readonly ended: Promise<Error | undefined>;
}

/**
 * Runs one service as a process: starts it, says so on standard output in one JSON line (which `isotherm up` waits
 * for), stops it on SIGTERM or SIGINT, and exits 0 after a clean drain, 1 after a failure.
 */
export const runService = async (
  logger: Logger,
  start: () => Promise<RunningService>,
): Promise<void> => {
  let service: RunningService;
  try {
    takePriority(process.env);
    service = await start();
  } catch (error) {
    logger.fatal({ err: error }, 'failed to start');
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return process.exit();
  }
  const { address, facts, hosted } = service;
  const told = { address, ...facts, ...(hosted !== undefined && { hosted }) };
  process.stdout.write(`${JSON.stringify({ ready: true, ...told })}\n`);
  logger.info(told, 'serving');
  const reason = await Promise.race([stopSignal(), parentGone(), service.ended]);
  logger.info(
    { reason: reason instanceof Error ? reason.message : (reason ?? 'drained') },
    'stopping',
  );
  await service.stop();
  logger.info('stopped');
  process.exit(reason instanceof Error ? 1 : 0);
};

const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => resolve(signal));
  });

/** With ISOTHERM_STOP_WITH_PARENT the process stops when whoever started it is gone, even by SIGKILL. */
const parentGone = (): Promise<string> =>
  new Promise((resolve) => {
    if (process.env['ISOTHERM_STOP_WITH_PARENT'] !== 'true') return;
    process.stdin.resume();
    process.stdin.once('end', () => resolve('parent gone'));
    process.stdin.once('error', () => resolve('parent gone'));
  });
