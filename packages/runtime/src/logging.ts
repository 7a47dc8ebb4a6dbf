import { type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

export interface LoggingOptions {
  /** Service name, in every line. */
  readonly service: string;
  readonly level: string;
}

/** JSON lines on standard error: constant messages, data in fields; never a prompt, an image or a secret. */
export const createLogger = (options: LoggingOptions): Logger =>
  pino(
    {
      base: { service: options.service, pid: process.pid },
      level: options.level,
      timestamp: stdTimeFunctions.isoTime,
    },
    pino.destination({ fd: 2, sync: true }),
  );

/** A logger that says nothing: for tests and in-process hosts. */
export const silentLogger = (): Logger => pino({ level: 'silent' });

/** Logs what a component reports of itself: its kind is the field to search for. */
export const problemReporter =
  (logger: Logger) =>
  (problem: { readonly kind: string; readonly cause: unknown }): void => {
    const message = problem.cause instanceof Error ? problem.cause.message : String(problem.cause);
    logger.warn({ problem: problem.kind, message }, 'problem');
  };
