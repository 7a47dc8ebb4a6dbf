import { Fault } from '@isotherm/kernel';

/**
 * Finds a special token spelled out in a client's text. Such text would be read as the token itself: `<image>` would
 * claim an embedding, an end mark would close the client's turn and open another.
 */
export const specialTextFinder = (
  contents: readonly string[],
): ((text: string) => string | undefined) => {
  const known = contents.filter((content) => content.length > 0);
  if (known.length === 0) return () => undefined;
  const longestFirst = known.toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(
    longestFirst.map((content) => content.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'),
  );
  return (text) => pattern.exec(text)?.[0];
};

/** Fault for a special token in the text of `messages[index]`. */
export const specialTextFault = (found: string, index: number): Fault =>
  new Fault(
    'invalid_argument',
    `The text of messages[${index}] contains ${JSON.stringify(found)}, a special token of this model. ` +
      'Give media as parts of their own, and spell such marks differently in text.',
    { param: `messages[${index}].content` },
  );
