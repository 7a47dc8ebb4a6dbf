import { expect, it } from '@jest/globals';
import { createRequestTable } from './request-table.ts';

it('a table is as large as what was ever alive at once, and keeps what it holds when it grows', () => {
  const table = createRequestTable(2);
  const rows = [10, 20, 30].map((tokens) => {
    const row = table.take();
    table.columns.textTokens[row] = tokens;
    return row;
  });
  expect(rows.map((row) => table.columns.textTokens[row])).toEqual([10, 20, 30]);
  table.giveBack(1);
  expect(table.alive).toBe(2);
  expect([table.take(), table.take(), table.take()]).toEqual([1, 3, 4]);
  expect([table.alive, table.size]).toEqual([5, 5]);
});
