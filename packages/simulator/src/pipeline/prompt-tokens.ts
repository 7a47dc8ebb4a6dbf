import type { RequestTable } from './request-table.ts';

/** What a request's prompt costs, in tokens of text: its media count by the share of them that a token of theirs costs. */
export const promptTokens = (
  { columns }: RequestTable,
  mediaTokenShare: number,
  row: number,
): number => {
  const read = (columns.media[row] as number) * (columns.mediumTokens[row] as number);
  return (columns.textTokens[row] as number) + mediaTokenShare * read;
};
