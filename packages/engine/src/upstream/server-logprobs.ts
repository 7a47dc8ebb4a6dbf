import { isRecord } from './server-error.ts';

/** A token as a server spells it: servers do not say their token ids. */
export interface ServerToken {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly logprob: number;
}

export interface ServerLogprobs extends ServerToken {
  /** The likeliest tokens in its place. */
  readonly top: readonly ServerToken[];
}

/** OpenAI's most. */
const topMax = 20;

/** Reads a choice's `logprobs.content`; what is not of its shape is left out. */
export const serverLogprobsOf = (
  choice: Readonly<Record<string, unknown>> | undefined,
): readonly ServerLogprobs[] => {
  const logprobs = choice?.['logprobs'];
  const content = isRecord(logprobs) ? logprobs['content'] : undefined;
  return listOf(content).flatMap((entry) =>
    tokenOf(entry).map((token) => ({
      ...token,
      top: listOf(isRecord(entry) ? entry['top_logprobs'] : undefined)
        .slice(0, topMax)
        .flatMap(tokenOf),
    })),
  );
};

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : [];

const tokenOf = (entry: unknown): readonly ServerToken[] => {
  if (!isRecord(entry)) return [];
  const { token: text, logprob, bytes } = entry;
  if (typeof text !== 'string' || typeof logprob !== 'number') return [];
  return [{ text, logprob, bytes: bytesOf(bytes) ?? new TextEncoder().encode(text) }];
};

/** A character may begin in one token and end in the next, which only bytes can say. */
const bytesOf = (bytes: unknown): Uint8Array | undefined =>
  Array.isArray(bytes) && bytes.every((byte) => Number.isInteger(byte))
    ? Uint8Array.from(bytes as number[])
    : undefined;
