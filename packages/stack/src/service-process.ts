import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Fault } from '@isotherm/kernel';

/** What a service says on its first line of standard output. */
export interface ReadyLine {
  readonly address: string;
  /** Of a router: http://host:port */
  readonly http?: string;
  /** Of a service that Prometheus can read: host:port of its /metrics. */
  readonly metrics?: string;
  /** Of a stage. */
  readonly instance?: string;
  readonly stage?: string;
  /** Each instance, where several share the process. */
  readonly hosted?: readonly InstanceFacts[];
}

/** A stage instance, as its process tells of it. */
export interface InstanceFacts {
  readonly instance: string;
  readonly stage: string;
  /** gRPC address, host:port. */
  readonly address: string;
}

/** The stage instances of a process: none in a router's, several in one whose stages are colocated. */
export const instancesOf = ({ ready }: ServiceProcess): readonly InstanceFacts[] => {
  const { address, hosted, instance, stage } = ready;
  if (hosted !== undefined) return hosted;
  return instance === undefined || stage === undefined ? [] : [{ instance, stage, address }];
};

/** One service as a child process. */
export interface ServiceProcess {
  readonly service: string;
  readonly pid: number;
  readonly ready: ReadyLine;
  /** Resolves with the exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>;
  alive(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when the grace is over. */
  stop(graceMs: number): Promise<number | null>;
}

export interface ServiceProcessOptions {
  readonly service: string;
  /** The file to run. */
  readonly main: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Longest time until it says that it is ready, in milliseconds. */
  readonly readyMsMax: number;
  /** Takes each line of its log (standard error). */
  log(line: string): void;
}

/**
 * Payloads live outside V8's heap but count towards its limit, and a service's heap is so small (10 MB) that a few
 * megabytes of payload set off a full collection: one in four pulls of 1 MiB, 10 to 20 ms each. A larger initial
 * limit, in MB, halves the median time of such a pull (5.5 to 2.7 ms). No memory is taken before it is used.
 */
export const nodeFlags = ['--initial-old-space-size=256'];

/** Starts a service and waits until it says that it is ready. It stops by itself when this process is gone. */
export const startServiceProcess = async (
  options: ServiceProcessOptions,
): Promise<ServiceProcess> => {
  const child = spawn(process.execPath, [...nodeFlags, options.main], {
    env: { ...options.environment, ISOTHERM_STOP_WITH_PARENT: 'true' },
    // The pipe at standard input is how the service notices that its parent is gone.
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: a Ctrl-C at the terminal is for the parent, which stops services in order.
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const lastLines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLines.push(line);
    if (lastLines.length > 20) lastLines.shift();
    options.log(line);
  });
  const ready = await readyLine(child, exited, options).catch((error: unknown) => {
    child.kill('SIGKILL');
    const tail = lastLines.join('\n');
    throw new Fault('unavailable', `${options.service}: ${Fault.from(error).message}\n${tail}`, {
      cause: error,
    });
  });
  return {
    service: options.service,
    pid: child.pid ?? 0,
    ready,
    exited,
    alive: () => child.exitCode === null && child.signalCode === null,
    kill: (signal) => void child.kill(signal),
    stop: async (graceMs) => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
};

const readyLine = async (
  child: ChildProcess,
  exited: Promise<number | null>,
  options: ServiceProcessOptions,
): Promise<ReadyLine> => {
  if (child.stdout === null) throw new Fault('internal', 'A service has no standard output.');
  const lines = createInterface({ input: child.stdout });
  const timeout = AbortSignal.timeout(options.readyMsMax);
  const line = await Promise.race([
    once(lines, 'line', { signal: timeout }).then(([text]) => String(text)),
    exited.then((code) => {
      throw new Fault('unavailable', `ended with code ${code} before it was ready`);
    }),
  ]);
  lines.on('line', (text) => options.log(text));
  return JSON.parse(line) as ReadyLine;
};
