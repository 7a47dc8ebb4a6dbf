import { type ModelProfile, type ProfileEntry, saturationOf } from '@isotherm/kernel';
import { type Column, tableLines } from '../show/table.ts';

const columns: readonly Column[] = [
  ...(['entry', 'tokens each'] as const).map((title) => ({ title, align: 'left' as const })),
  ...['one ms', 'saturated at', 'tokens/s', 'joules a token', 'start s'].map((title) => ({
    title,
    align: 'right' as const,
  })),
];

/** What a person wants to know of a profile at a glance. */
export const summaryLines = (profile: ModelProfile, file: string): readonly string[] => [
  `${profile.model} on this machine:`,
  '',
  ...tableLines(columns, profile.stages.flatMap(rows)),
  '',
  `Wrote ${file}. Serve from it with ISOTHERM_PROFILE_FILE=${file} isotherm up --engine profile.`,
];

const rows = (entry: ProfileEntry): readonly (readonly string[])[] => {
  const sizes = [...new Set(entry.points.map(({ tokens }) => tokens))].toSorted((a, b) => a - b);
  return sizes.map((tokens, index) => {
    const one = entry.points.find((point) => point.batch === 1 && point.tokens === tokens);
    const { batch, tokensPerS } = saturationOf(entry, tokens);
    const full = entry.points.find((point) => point.batch === batch && point.tokens === tokens);
    const joules = full?.powerW === undefined ? '—' : (full.powerW / tokensPerS).toPrecision(3);
    return [
      ...[index === 0 ? entry.name : '', String(tokens), (one?.latencyMs ?? 0).toFixed(2)],
      ...[`batch ${batch}`, tokensPerS.toFixed(0), joules],
      index === 0 ? entry.startS.toFixed(1) : '',
    ];
  });
};
