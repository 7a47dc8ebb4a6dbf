import { fileURLToPath } from 'node:url';
import { type ServiceProcess, startServiceProcess } from '@isotherm/stack';

/** How the peer is run. */
export interface PeerShape {
  readonly processes: number;
  /** Threads inside one operator. */
  readonly threads: number;
}

export interface PeerOptions extends PeerShape {
  readonly modelDir: string;
  readonly precision: 'fp32' | 'int8';
}

const readyMsMax = 180_000;

/** Starts the peer's processes; clients go round them in turn. */
export const startPeer = async (options: PeerOptions): Promise<readonly ServiceProcess[]> => {
  const { modelDir, precision, processes, threads } = options;
  const started = await Promise.allSettled(
    Array.from({ length: processes }, () =>
      startServiceProcess({
        service: 'monolith',
        main: fileURLToPath(new URL('./monolith.js', import.meta.url)),
        environment: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          MONOLITH_MODEL_DIR: modelDir,
          MONOLITH_PRECISION: precision,
          MONOLITH_THREADS: String(threads),
        },
        readyMsMax,
        log: () => undefined,
      }),
    ),
  );
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stopAll(running);
    throw failed.reason instanceof Error ? failed.reason : new Error(String(failed.reason));
  }
  return running;
};

const stopGraceMs = 10_000;

export const stopAll = async (processes: readonly ServiceProcess[]): Promise<void> => {
  await Promise.all(processes.map((each) => each.stop(stopGraceMs)));
};
