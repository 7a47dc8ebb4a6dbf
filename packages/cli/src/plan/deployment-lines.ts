import type { ColocationLayout, ColocationPlan, ColocationRefusal } from '@isotherm/policy';
import { type Column, tableLines } from '../show/table.ts';

type Planned = Extract<ColocationPlan, { readonly kind: 'planned' }>;

const columns: readonly Column[] = [
  ...(['way to share', 'instances'] as const).map((title) => ({ title, align: 'left' as const })),
  ...['GPUs', 'first token ms', 'token ms'].map((title) => ({ title, align: 'right' as const })),
];

/** A plan for people: what was chosen, what shares a server, what else there was. */
export const deploymentLines = ({
  layout,
  servers,
  alternatives,
  refused,
}: Planned): readonly string[] => [
  ...tableLines(columns, [layout, ...alternatives].map(row)),
  '',
  'The first is taken. At the 99th percentile, from means of the traffic. Its servers:',
  ...serverLines(layout, servers),
  ...(refused.length === 0
    ? []
    : ['', 'Not possible:', ...refused.map((r) => `  ${refusalText(r)}`)]),
];

const row = (layout: ColocationLayout): readonly string[] => [
  layout.name,
  layout.groups.map(({ instances, size }) => `${instances} × ${size}`).join(' | '),
  String(layout.size),
  layout.firstTokenMs.toFixed(0),
  layout.tokenMs.toFixed(1),
];

/** Equal servers on one line. */
const serverLines = (
  { groups }: ColocationLayout,
  servers: Planned['servers'],
): readonly string[] => {
  const counted = new Map<string, number>();
  for (const packing of servers) {
    const text = packing
      .flatMap((count, index) => {
        const group = groups[index];
        if (count === 0 || group === undefined) return [];
        return [`${count} × ${group.stages.join('+')} (${group.entries.join(', ')})`];
      })
      .join(', ');
    counted.set(text, (counted.get(text) ?? 0) + 1);
  }
  return [...counted].map(([text, count]) => `  ${count} of ${text}`);
};

const reasons: Readonly<Record<ColocationRefusal['reason'], string>> = {
  'no-profile': 'the profile has no entries of one size for it',
  'first-token': 'the first token would be late',
  token: 'tokens would be late',
  capacity: 'not even an idle instance keeps the targets',
};

export const refusalText = ({ name, reason }: ColocationRefusal): string =>
  `${name}: ${reasons[reason]}`;
