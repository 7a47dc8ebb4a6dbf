import type { ResultRow } from './result-row.ts';

/** All columns that some row has, in the order in which they come up. */
const columnsOf = (rows: readonly ResultRow[]): readonly string[] => [
  ...new Set(rows.flatMap((row) => Object.keys(row))),
];

/** RFC 4180. */
export const csvOf = (rows: readonly ResultRow[]): string => {
  const columns = columnsOf(rows);
  const lines = rows.map((row) => columns.map((column) => quoted(String(row[column] ?? ''))));
  return [columns, ...lines].map((cells) => `${cells.join(',')}\r\n`).join('');
};

const quoted = (cell: string): string =>
  /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/** For a terminal: arms beside each other, figures below each other. */
export const tableLines = (rows: readonly ResultRow[]): readonly string[] => {
  const names = rows.map(({ arm }) => String(arm));
  const fields = columnsOf(rows).filter((column) => column !== 'arm');
  const cells = [
    ['', ...names],
    ...fields.map((field) => [field, ...rows.map((row) => String(row[field] ?? ''))]),
  ];
  const widths = names.map((_, at) => Math.max(...cells.map((row) => row[at + 1]?.length ?? 0)));
  const first = Math.max(...cells.map(([name = '']) => name.length));
  return cells.map(([name = '', ...values]) =>
    [name.padEnd(first), ...values.map((value, at) => value.padStart(widths[at] ?? 0))].join('  '),
  );
};

/** The same as a table of HTML. */
export const tableHtml = (rows: readonly ResultRow[]): string => {
  const fields = columnsOf(rows).filter((column) => column !== 'arm');
  const row = (name: string, cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr><th>${escaped(name)}</th>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const head = row(
    '',
    rows.map(({ arm }) => String(arm)),
    'th',
  );
  const body = fields.map((field) =>
    row(
      field.replaceAll('_', ' '),
      rows.map((each) => String(each[field] ?? '')),
      'td',
    ),
  );
  return `<table>\n${[head, ...body].join('\n')}\n</table>`;
};

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
