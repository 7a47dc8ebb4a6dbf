import { createMonolith, type MonolithPart } from '@isotherm/engine';
import { shippedModelDir } from '@isotherm/stack';
import { answerTokensMax, type Given } from './ask-all.ts';
import type { HeldOut, HeldOutMedium } from './question-set.ts';

export interface Comparison {
  readonly compared: number;
  readonly identical: number;
  readonly differences: readonly {
    readonly media: readonly string[];
    readonly question: string;
    readonly services: Given | undefined;
    readonly oneProcess: string;
  }[];
}

const greedy = { temperature: 0, topP: 1, seed: 0 };

/**
 * Asks the same model (fp32) in one process, one request at a time, and compares texts. Takes questions from the whole
 * set at equal distances, so that every medium and family is met.
 */
export const compareWithOneProcess = async (
  questions: readonly HeldOut[],
  given: readonly Given[],
  comparedMax: number,
): Promise<Comparison> => {
  const monolith = await createMonolith({ modelDir: shippedModelDir });
  const every = Math.max(1, Math.ceil(questions.length / comparedMax));
  const differences: Comparison['differences'][number][] = [];
  let compared = 0;
  try {
    for (let index = 0; index < questions.length; index += every) {
      const asked = questions[index];
      if (asked === undefined) continue;
      const { question, media } = asked;
      const parts: MonolithPart[] = [...media.map(partOf), { kind: 'text', text: question }];
      const options = { tokensMax: answerTokensMax, sampling: greedy };
      const { text } = await monolith.answer([{ role: 'user', parts }], options);
      const services = given[index];
      compared += 1;
      if (services?.kind === 'text' && services.text === text) continue;
      differences.push({
        media: media.flatMap(({ names }) => names),
        question,
        services,
        oneProcess: text,
      });
    }
  } finally {
    await monolith.close();
  }
  return { compared, identical: compared - differences.length, differences };
};

/** Copies: the monolith's thread takes the bytes over. */
const partOf = ({ kind, files }: HeldOutMedium): MonolithPart => {
  const [first, ...rest] = files.map((file) => Uint8Array.from(file));
  if (first === undefined) throw new Error('A medium has no file.');
  return rest.length === 0 ? { kind, bytes: first } : { kind: 'frames', frames: [first, ...rest] };
};
