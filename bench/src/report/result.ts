import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from './repository.ts';

/** The figures of a bench by name; the unit ends the name. */
export type Figures = Readonly<Record<string, number | string | boolean | null>>;

/** Progress goes to stderr: the last line of stdout is the result. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Keeps the raw result in bench/results (a quick run beside a full one, not over it), then prints the figures as
 * one line of JSON.
 */
export const report = async (
  bench: string,
  quick: boolean,
  figures: Figures,
  raw: object,
): Promise<void> => {
  const folder = join(repositoryRoot, 'bench', 'results');
  await mkdir(folder, { recursive: true });
  const name = quick ? `${bench}.quick.json` : `${bench}.json`;
  await writeFile(join(folder, name), `${JSON.stringify({ bench, figures, ...raw }, null, 2)}\n`);
  say(`raw result: bench/results/${name}`);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
};
