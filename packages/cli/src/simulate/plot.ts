import type { ArmRun, ResultRow } from './result-row.ts';
import { escaped } from './table.ts';

/** Figures that are drawn where a result has them. */
const barFigures = [
  ['ttft_p99_ms', 'Time to first token, 99th percentile (ms)'],
  ['slo_share', 'Share of answers within both targets'],
  ['core_max_c', 'Hottest core (°C)'],
  ['row_share_max', 'Fullest row ÷ its limit'],
  ['thermal_events', 'Throttled by heat (events)'],
  ['power_events', 'Throttled by power (events)'],
] as const;

const width = 460;
const rowHeight = 22;
const colours = [
  '#4269d0',
  '#efb118',
  '#ff725c',
  '#6cc5b0',
  '#3ca951',
  '#ff8ab7',
  '#a463f2',
  '#97bbf5',
];

/** All plots of a result in one SVG: bars by arm, then the hottest core over time. */
export const plotSvg = (
  title: string,
  rows: readonly ResultRow[],
  runs: readonly ArmRun[],
): string => {
  const charts = barFigures
    .filter(([field]) => rows.some((row) => typeof row[field] === 'number'))
    .map(([field, label]) => bars(label, rows, field));
  const parts = [...charts, ...lines(runs)];
  let top = 40;
  const placed = parts.map(({ height, body }) => {
    const group = `<g transform="translate(10,${top})">${body}</g>`;
    top += height + 24;
    return group;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width + 200}" height="${top}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="10" y="22" font-size="16">${escaped(title)}</text>`,
    ...placed,
    '</svg>',
  ].join('\n');
};

interface Part {
  readonly height: number;
  readonly body: string;
}

const bars = (label: string, rows: readonly ResultRow[], field: string): Part => {
  const values = rows.map((row) => Number(row[field] ?? 0));
  const most = Math.max(...values, 1e-9);
  const marks = rows.map((row, at) => {
    const value = values[at] ?? 0;
    const y = 20 + at * rowHeight;
    const long = Math.max(1, (value / most) * (width - 160));
    return (
      `<text x="150" y="${y + 14}" text-anchor="end">${escaped(String(row['arm']))}</text>` +
      `<rect x="156" y="${y + 2}" width="${long.toFixed(1)}" height="16" fill="${colourOf(at)}"/>` +
      `<text x="${(162 + long).toFixed(1)}" y="${y + 14}">${value}</text>`
    );
  });
  const head = `<text x="0" y="12" font-weight="bold">${escaped(label)}</text>`;
  return { height: 20 + rows.length * rowHeight, body: head + marks.join('') };
};

/** The hottest core over time, of the first run of each arm. */
const lines = (runs: readonly ArmRun[]): readonly Part[] => {
  const arms = [...new Set(runs.map(({ arm }) => arm))];
  const series = arms.flatMap((arm) => {
    const points = runs.find((run) => run.arm === arm)?.result.room?.points ?? [];
    return points.length > 1 ? [{ arm, points }] : [];
  });
  if (series.length === 0) return [];
  const all = series.flatMap(({ points }) => points);
  const untilS = Math.max(...all.map(({ atS }) => atS));
  const low = Math.min(...all.map(({ coreMaxC }) => coreMaxC));
  const high = Math.max(...all.map(({ coreMaxC }) => coreMaxC), low + 1);
  const height = 180;
  const paths = series.map(({ points }, at) => {
    const path = points.map(({ atS, coreMaxC }) => {
      const x = 40 + (atS / untilS) * (width - 40);
      return `${x.toFixed(1)},${(20 + ((high - coreMaxC) / (high - low)) * height).toFixed(1)}`;
    });
    return `<polyline fill="none" stroke="${colourOf(at)}" points="${path.join(' ')}"/>`;
  });
  const body =
    `<text x="0" y="12" font-weight="bold">Hottest core over time (°C; ${Math.round(untilS)} s)</text>` +
    `<text x="36" y="30" text-anchor="end">${high.toFixed(0)}</text>` +
    `<text x="36" y="${20 + height}" text-anchor="end">${low.toFixed(0)}</text>${paths.join('')}`;
  return [{ height: 20 + height, body }];
};

const colourOf = (at: number): string => colours[at % colours.length] ?? '#888';

/** A plot as a picture, twice as fine as its own size. The image library is loaded only here: other commands begin sooner. */
export const pngOf = async (svg: string): Promise<Uint8Array> => {
  const { default: sharp } = await import('sharp');
  return sharp(Buffer.from(svg), { density: 144 }).png().toBuffer();
};
