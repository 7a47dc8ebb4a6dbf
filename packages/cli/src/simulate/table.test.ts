import { describe, expect, it } from '@jest/globals';
import { csvOf, tableHtml, tableLines } from './table.ts';

const rows = [
  { arm: 'a "quoted", one', done: 10 },
  { arm: '<b>', done: 9, row_share_max: 0.5 },
];

describe('a table', () => {
  it('as CSV has all columns, and quotes what needs it', () => {
    expect(csvOf(rows)).toBe('arm,done,row_share_max\r\n"a ""quoted"", one",10,\r\n<b>,9,0.5\r\n');
  });

  it('for people has arms beside each other', () => {
    expect(tableLines(rows)).toEqual([
      '               a "quoted", one  <b>',
      'done                        10    9',
      'row_share_max                   0.5',
    ]);
  });

  it('as HTML has no markup of its cells', () => {
    const html = tableHtml(rows);
    expect(html).toContain('<th>&lt;b></th>');
    expect(html).toContain('<tr><th>row share max</th><td></td><td>0.5</td></tr>');
  });
});
