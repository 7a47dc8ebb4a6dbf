import { execFile } from 'node:child_process';

/** What a command wrote; `failed` where it ended with a status other than 0. */
export interface CommandOutput {
  readonly failed: boolean;
  readonly text: string;
}

/** Most that is read of a command's output, in bytes: sixteen GPUs take about 3 KB. */
const outputBytesMax = 1 << 20;

/**
 * Runs a command to its end; the signal kills it. No shell comes between, so nothing in the arguments is interpreted.
 */
export const runCommand = (
  [file = '', ...args]: readonly string[],
  signal: AbortSignal,
): Promise<CommandOutput> =>
  new Promise((resolve, reject) => {
    const options = { signal, maxBuffer: outputBytesMax, killSignal: 'SIGKILL' } as const;
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) {
        resolve({ failed: false, text: stdout });
      } else if (typeof error.code === 'number') {
        // nvidia-smi says on its standard output what it does not like.
        resolve({ failed: true, text: `${stdout}${stderr}`.trim() });
      } else {
        reject(new Error(`${file}: ${error.code ?? error.message}`, { cause: error }));
      }
    });
    // It is asked nothing.
    child.stdin?.end();
  });
