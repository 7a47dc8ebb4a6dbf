import { describe, expect, it } from '@jest/globals';
import { tableLines } from './table.ts';

describe('tableLines', () => {
  it('aligns names to the left and figures to the right, as wide as the widest', () => {
    const columns = [
      { title: 'stage', align: 'left' },
      { title: 'ms', align: 'right' },
      { title: 'note', align: 'left' },
    ] as const;
    expect(
      tableLines(columns, [
        ['prefill', '1.5', 'x'],
        ['a', '1234.0', ''],
      ]),
    ).toEqual(['stage        ms  note', 'prefill     1.5  x', 'a        1234.0']);
  });
});
