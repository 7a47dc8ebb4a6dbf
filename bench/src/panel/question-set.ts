import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { say } from '../report/result.ts';
import { repositoryRoot } from '../report/repository.ts';

/** One held-out question with its right answer. */
export interface HeldOut {
  readonly family: string;
  readonly question: string;
  readonly answer: string;
  /** Name of the picture's file, and the file; a question may have none. */
  readonly picture: string | null;
  readonly image: Uint8Array | undefined;
}

export interface QuestionSetOptions {
  /** Seed of the first picture. */
  readonly seed: number;
  /** Pictures; each has about twelve questions. */
  readonly pictures: number;
}

/** Seeds that the model's recipe keeps for tests (SEEDS in models/panel/generator/words.py). */
export const heldOutSeeds = { first: 2_000_000, end: 3_000_000 };

const python = '/usr/bin/python3';
const generateMsMax = 600_000;

/** Draws pictures that the model was not trained on, with all questions about them. */
export const drawQuestions = async (options: QuestionSetOptions): Promise<readonly HeldOut[]> => {
  const { seed, pictures } = options;
  if (seed < heldOutSeeds.first || seed + pictures > heldOutSeeds.end) {
    throw new Error(`Held-out seeds are ${heldOutSeeds.first} to ${heldOutSeeds.end - 1}.`);
  }
  needNumpy();
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-panel-'));
  try {
    const program = join(repositoryRoot, 'models', 'panel', 'generate.py');
    const words = ['--seed', String(seed), '--count', String(pictures), '--out', folder];
    run(python, [program, ...words], generateMsMax);
    return await readQuestions(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const readQuestions = async (folder: string): Promise<readonly HeldOut[]> => {
  const lines = (await readFile(join(folder, 'questions.jsonl'), 'utf8')).trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as Omit<HeldOut, 'image'>);
  const names = new Set(records.map(({ picture }) => picture).filter((name) => name !== null));
  const files = [...names].map(async (name): Promise<[string, Uint8Array]> => [
    name,
    await readFile(join(folder, name)),
  ]);
  const images = new Map(await Promise.all(files));
  return records.map((record) => ({ ...record, image: images.get(record.picture ?? '') }));
};

/** The generator needs NumPy: Debian's package is installed where root may do so. */
const needNumpy = (): void => {
  const present = (): boolean => spawnSync(python, ['-c', 'import numpy']).status === 0;
  if (present()) return;
  if (process.getuid?.() === 0) {
    say('installing python3-numpy');
    const install = ['install', '--yes', '--no-install-recommends', 'python3-numpy'];
    const apt = (words: readonly string[]): unknown =>
      spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...words], {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        timeout: 300_000,
      });
    apt(install);
    if (!present()) {
      apt(['update']);
      apt(install);
    }
  }
  if (present()) return;
  throw new Error('The pictures are drawn with NumPy: apt-get install python3-numpy.');
};

const run = (program: string, words: readonly string[], timeout: number): void => {
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8', timeout });
  if (status !== 0) throw new Error(`${program} ended with ${status}:\n${stderr}`);
};
