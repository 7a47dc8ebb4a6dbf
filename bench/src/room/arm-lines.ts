import { type Column, tableLines } from '../report/table-lines.ts';
import type { ArmResult } from './run-arm.ts';

const columns: readonly Column<ArmResult>[] = [
  ['levers', ({ name }) => name],
  ['throttle events', ({ throttleEvents }) => String(throttleEvents)],
  ['time throttled', ({ throttledShare }) => `${(100 * throttledShare).toFixed(0)} %`],
  ['hottest core', ({ coreMaxC }) => `${coreMaxC.toFixed(1)} C`],
  ['hottest serving', ({ servingMaxC }) => `${servingMaxC.toFixed(1)} C`],
  ['peak row', ({ rowMaxW }) => `${(rowMaxW / 1000).toFixed(1)} kW`],
  ['answer p50', ({ whole }) => `${whole.p50.toFixed(0)} ms`],
  ['p99', ({ whole }) => `${whole.p99.toFixed(0)} ms`],
  ['requests', ({ requests }) => String(requests)],
  ['refused', ({ refused }) => String(refused)],
  ['cut off', ({ cut }) => String(cut)],
  ['expired', ({ expired }) => String(expired)],
  ['lost', ({ lost }) => String(lost)],
];

/** The arms as a table. */
export const armLines = (arms: readonly ArmResult[]): readonly string[] =>
  tableLines(columns, arms);
