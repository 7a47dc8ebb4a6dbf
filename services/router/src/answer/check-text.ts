import { Fault } from '@isotherm/kernel';

const surrogate = /\p{Surrogate}/u;

/**
 * Refuses text that is none: the character NUL, which ends strings in what many tokenizers are written in, and halves of
 * characters (surrogates), which no encoding has. Throws `invalid_argument` at `param`.
 */
export const checkText = (text: string, param: string): string => {
  const problem = text.includes('\0')
    ? 'must hold no NUL character'
    : surrogate.test(text)
      ? 'must be whole characters: it holds half of a surrogate pair'
      : undefined;
  if (problem === undefined) return text;
  throw new Fault('invalid_argument', `${param} ${problem}.`, { param });
};
