/** How a text differs from the one that it should be, in characters. */
export interface TextDifference {
  /** Characters that are there and should not be. */
  readonly extra: number;
  /** Characters that should be there and are not. */
  readonly missing: number;
}

/**
 * Compares by the longest common subsequence. Of an answer that was cut off with an error, `isWhole` is false: what had
 * come must be how the right text begins. (The profile engine's tokens are a character each.)
 */
export const compareTexts = (text: string, right: string, isWhole: boolean): TextDifference => {
  if (isWhole ? text === right : right.startsWith(text)) return { extra: 0, missing: 0 };
  const target = isWhole ? right : right.slice(0, text.length);
  const common = commonLength(text, target);
  return { extra: text.length - common, missing: target.length - common };
};

const commonLength = (a: string, b: string): number => {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const charA of a) {
    const next = [0];
    for (let index = 0; index < b.length; index++) {
      const diagonal = (row[index] ?? 0) + 1;
      next.push(charA === b[index] ? diagonal : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};
