import { type Column, tableLines } from '../report/table-lines.ts';
import type { EmergencyResult } from './run-emergency.ts';

const columns: readonly Column<EmergencyResult>[] = [
  ['emergency', ({ emergency }) => emergency],
  ['who gives', ({ arm }) => arm],
  ['shut down', ({ shutDowns }) => String(shutDowns)],
  ['tripped', ({ breakersTripped }) => String(breakersTripped)],
  ['peak load', ({ loadShareMax }) => `${(100 * loadShareMax).toFixed(0)} %`],
  ['overload', ({ overloadS }) => `${overloadS.toFixed(0)} s`],
  ['hottest', ({ coreMaxC }) => `${coreMaxC.toFixed(1)} C`],
  ['to shutdown', ({ shutdownMarginK }) => `${shutdownMarginK.toFixed(1)} K`],
  ['opaque slowed', ({ opaqueSlowedServerS }) => `${opaqueSlowedServerS.toFixed(0)} server s`],
  ['opaque lost', ({ opaqueLostWh }) => `${opaqueLostWh.toFixed(0)} Wh`],
  ['good answers', ({ goodputShare }) => `${(100 * goodputShare).toFixed(0)} %`],
  ['p99', ({ p99Ms }) => `${p99Ms.toFixed(0)} ms`],
  ['recovery', ({ recoveryS }) => (Number.isFinite(recoveryS) ? `${recoveryS.toFixed(1)} s` : '-')],
  ['refused', ({ refused }) => String(refused)],
  ['lost', ({ lost }) => String(lost)],
];

export const emergencyLines = (results: readonly EmergencyResult[]): readonly string[] =>
  tableLines(columns, results);
