import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A stack that `isotherm up` keeps running on this machine. */
export interface RunningStack {
  /** Process of `isotherm up`. */
  readonly pid: number;
  /** http://host:port */
  readonly http: string;
  /** host:port */
  readonly grpc: string;
  /** Unix time in milliseconds. */
  readonly startedMs: number;
}

/** Git-ignored, in the repository: one file for each `up`, named after its process. */
const stateFolder = (): string =>
  process.env['ISOTHERM_STATE_DIR'] ??
  join(fileURLToPath(new URL('../../../..', import.meta.url)), '.isotherm/running');

const fileOf = (pid: number): string => join(stateFolder(), `${pid}.json`);

export const writeRunningStack = (stack: RunningStack): void => {
  mkdirSync(stateFolder(), { recursive: true });
  writeFileSync(fileOf(stack.pid), `${JSON.stringify(stack)}\n`);
};

export const removeRunningStack = (pid: number): void => rmSync(fileOf(pid), { force: true });

/**
 * Stacks whose process lives, the latest first. A file that a killed `up` left behind is removed.
 */
export const listRunningStacks = (): readonly RunningStack[] => {
  const living = readStateFiles().filter((stack) => {
    if (isAlive(stack.pid)) return true;
    removeRunningStack(stack.pid);
    return false;
  });
  return living.sort((a, b) => b.startedMs - a.startedMs);
};

const readStateFiles = (): RunningStack[] => {
  try {
    return readdirSync(stateFolder())
      .filter((name) => /^\d+\.json$/.test(name))
      .map((name) => JSON.parse(readFileSync(join(stateFolder(), name), 'utf8')) as RunningStack);
  } catch {
    // No folder, or a file that is being written or removed just now.
    return [];
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
