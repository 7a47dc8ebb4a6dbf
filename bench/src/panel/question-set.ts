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
  /** What it is about. */
  readonly subject: Subject;
  /** Of the subject's kind; none for a question about nothing but words. */
  readonly media: readonly HeldOutMedium[];
}

/** What questions are about: media of one kind, or words alone. */
export const subjects = ['image', 'audio', 'video', 'text'] as const;
export type Subject = (typeof subjects)[number];

export interface HeldOutMedium {
  readonly kind: Exclude<Subject, 'text'>;
  /** Names of its file or of its frames; their number is the seed that makes it again. */
  readonly names: readonly string[];
  readonly files: readonly Uint8Array[];
}

/** What the generator writes of a medium: a file, or the frames of a clip. */
interface MediumRecord {
  readonly kind: HeldOutMedium['kind'];
  readonly file?: string;
  readonly frames?: readonly string[];
}

export interface QuestionSetOptions {
  /** Seed of the first picture, of the first sound, and so on. */
  readonly seed: number;
  /** How many of each subject; each picture has about twelve questions, a sound or a clip about six. */
  readonly counts: Readonly<Record<Subject, number>>;
}

/** Seeds that the model's recipe keeps for tests (SEEDS in models/panel/generator/words.py). */
export const heldOutSeeds = { first: 2_000_000, end: 3_000_000 };

const python = '/usr/bin/python3';
const generateMsMax = 600_000;

/** Makes media that the model was not trained on, with all questions about them. */
export const drawQuestions = async (options: QuestionSetOptions): Promise<readonly HeldOut[]> => {
  const { seed, counts } = options;
  if (seed < heldOutSeeds.first || seed + Math.max(...Object.values(counts)) > heldOutSeeds.end) {
    throw new Error(`Held-out seeds are ${heldOutSeeds.first} to ${heldOutSeeds.end - 1}.`);
  }
  needNumpy();
  const all: HeldOut[] = [];
  for (const subject of subjects) all.push(...(await drawSubject(subject, seed, counts[subject])));
  return all;
};

const drawSubject = async (
  subject: Subject,
  seed: number,
  count: number,
): Promise<readonly HeldOut[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-panel-'));
  try {
    const program = join(repositoryRoot, 'models', 'panel', 'generate.py');
    const words = ['--seed', String(seed), '--count', String(count), '--out', folder];
    run(python, [program, ...words, '--media', subject], generateMsMax);
    return await readQuestions(folder, subject);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

interface QuestionRecord extends Pick<HeldOut, 'family' | 'question' | 'answer'> {
  readonly media: readonly MediumRecord[];
}

const readQuestions = async (folder: string, subject: Subject): Promise<readonly HeldOut[]> => {
  const lines = (await readFile(join(folder, 'questions.jsonl'), 'utf8')).trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as QuestionRecord);
  const names = new Set(records.flatMap(({ media }) => media.flatMap(namesOf)));
  const files = [...names].map(async (name): Promise<[string, Uint8Array]> => [
    name,
    await readFile(join(folder, name)),
  ]);
  const bytes = new Map(await Promise.all(files));
  return records.map(({ family, question, answer, media }) => ({
    family,
    question,
    answer,
    subject,
    media: media.map((medium) => ({
      kind: medium.kind,
      names: namesOf(medium),
      files: namesOf(medium).flatMap((name) => bytes.get(name) ?? []),
    })),
  }));
};

const namesOf = ({ file, frames = [] }: MediumRecord): readonly string[] =>
  file === undefined ? frames : [file];

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
