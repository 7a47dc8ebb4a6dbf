import type { ExperimentDocument } from '@isotherm/simulator';
import type { ResultRow } from './result-row.ts';
import { escaped, tableHtml } from './table.ts';

const style = `body{font:14px sans-serif;margin:2em;max-width:75em}table{border-collapse:collapse}
th,td{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}th:first-child{text-align:left}`;

/** One page that needs nothing beside it: what was run, the figures of each arm, the plots. */
export const reportHtml = (
  document: ExperimentDocument,
  rows: readonly ResultRow[],
  runs: readonly ResultRow[],
  plot: string,
): string => {
  const { name, durationS, warmUpS, arms } = document;
  const seeds = Math.max(0, ...rows.map((row) => Number(row['seeds'] ?? 0)));
  const served = document.deployments.map(({ profile }) => escaped(profile)).join(', ');
  const levers = arms.map((arm) => {
    const on = Object.entries(arm.levers).filter(([, isOn]) => isOn);
    return `<li><b>${escaped(arm.name)}</b>: ${on.map(([lever]) => lever).join(', ') || 'no lever'}</li>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(name)}</title><style>${style}</style></head><body>
<h1>${escaped(name)}</h1>
<p>${durationS} s, the first ${warmUpS} s not counted; ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}; ${served}.
Requests of all seeds together; of rooms the highest temperature and power, and means of all else.</p>
<ul>${levers.join('')}</ul>
${tableHtml(rows)}
${plot}
${
  seeds > 1
    ? `<h2>Each seed by itself</h2>
${tableHtml(runs)}`
    : ''
}
</body></html>
`;
};
