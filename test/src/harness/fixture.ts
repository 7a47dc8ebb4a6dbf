import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixtureFolder } from './repository.ts';

/** A held-out picture with a question about it. See fixtures/make.sh. */
export interface FixtureQuestion {
  readonly picture: string;
  readonly family: string;
  readonly question: string;
  readonly answer: string;
  readonly bytes: Uint8Array;
}

export const fixtureQuestions = (): readonly FixtureQuestion[] =>
  readFileSync(join(fixtureFolder, 'questions.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const question = JSON.parse(line) as Omit<FixtureQuestion, 'bytes'>;
      return { ...question, bytes: readFileSync(join(fixtureFolder, question.picture)) };
    });
