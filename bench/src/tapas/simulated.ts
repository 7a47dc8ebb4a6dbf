import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../report/repository.ts';

/** A line of `isotherm simulate --json`: an arm, or a run of one, of one deployment. */
export type SimulatedRow = Readonly<Record<string, string | number>>;

export interface Simulated {
  readonly folder: string;
  readonly fingerprint: string;
  readonly arms: readonly SimulatedRow[];
  readonly runs: readonly SimulatedRow[];
}

export interface SimulateOrder {
  /** Of `experiments`, without its ending. */
  readonly name: string;
  readonly out: string;
  readonly words: readonly string[];
  readonly dataFolder?: string;
}

/** Runs an experiment by the command that anyone would use; what is in its folder already is not run again. */
export const simulated = async ({
  name,
  out,
  words,
  dataFolder,
}: SimulateOrder): Promise<Simulated> => {
  const program = join(repositoryRoot, 'packages', 'cli', 'dist', 'main.js');
  const file = join(repositoryRoot, 'experiments', `${name}.yaml`);
  const child = spawn(
    process.execPath,
    [program, 'simulate', file, '--out', join(out, name), '--json', ...words],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(dataFolder !== undefined && { ISOTHERM_DATA_DIR: dataFolder }) },
    },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`isotherm simulate ${name} ended with ${String(code)}`);
  return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Simulated;
};
