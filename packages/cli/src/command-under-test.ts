import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The built command as a child process, with a temporary folder and a state folder of its own: for
 * tests.
 */
export interface RunningCommand {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exit: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when standard output matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface CommandBench {
  run(...words: readonly string[]): RunningCommand;
  /** What lies in the temporary folder. */
  leftovers(): readonly string[];
  remove(): void;
}

const main = fileURLToPath(new URL('main.js', import.meta.url));

export const commandBench = (environment: Readonly<Record<string, string>> = {}): CommandBench => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-cli-test-'));
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TMPDIR: folder,
    ISOTHERM_STATE_DIR: join(folder, 'state'),
    ...environment,
  };
  return {
    run: (...words) => start(words, env),
    leftovers: () =>
      readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => name !== 'state'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

const start = (words: readonly string[], env: NodeJS.ProcessEnv): RunningCommand => {
  const child = spawn(process.execPath, [main, ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const heard = new EventTarget();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    heard.dispatchEvent(new Event('said'));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exit = once(child, 'close').then(([code]) => {
    heard.dispatchEvent(new Event('said'));
    return code as number | null;
  });
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    exit,
    kill: (signal) => void child.kill(signal),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout);
          if (match !== null) resolve(match);
          else if (child.exitCode !== null) reject(new Error(`It ended: ${stdout}${stderr}`));
        };
        heard.addEventListener('said', look);
        look();
      }),
  };
};

/** Whether a process lives, a zombie not counted. */
export const lives = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
