import {
  type AislePlan,
  type RackPlan,
  type RoomPlan,
  type RowPlan,
  serverClassOf,
  type ServerPlan,
} from '@isotherm/plant';
import type { Terminal } from '../show/terminal.ts';

type Canvas = Pick<Terminal, 'style'>;

interface Node {
  readonly text: string;
  readonly below: readonly Node[];
}

/** A plan as a tree: the room, its power, its aisles with their rows, racks and servers. */
export const planLines = (plan: RoomPlan, canvas: Canvas): readonly string[] =>
  treeLines({
    text: headline(plan, canvas),
    below: [
      leaf(upsText(plan, canvas)),
      ...plan.aisles.map((aisle) => aisleNode(aisle, plan, canvas)),
    ],
  });

const treeLines = ({ text, below }: Node): readonly string[] => [
  text,
  ...below.flatMap((node, index) => {
    const isLast = index === below.length - 1;
    const [first = '', ...rest] = treeLines(node);
    return [
      `${isLast ? '└─ ' : '├─ '}${first}`,
      ...rest.map((line) => `${isLast ? '   ' : '│  '}${line}`),
    ];
  }),
];

const leaf = (text: string): Node => ({ text, below: [] });

const headline = (plan: RoomPlan, { style }: Canvas): string => {
  const servers = serversOf(plan);
  const gpus = servers.reduce((sum, server) => sum + gpusOf(server), 0);
  const opaque = servers.filter(({ tenant }) => tenant === 'opaque').length;
  return [
    style('bold', plan.name),
    `${servers.length} servers (${opaque} opaque), ${gpus} GPUs`,
    `outside ${outsideText(plan.outside)}`,
    `air supplied at ${round(plan.cooling.setpointC)} C`,
  ].join('   ');
};

const outsideText = (outside: RoomPlan['outside']): string => {
  switch (outside.kind) {
    case 'constant':
      return `${round(outside.temperatureC)} C`;
    case 'epw':
      return `by ${outside.file} from hour ${round(outside.startHour)}`;
    case 'steps': {
      const all = outside.points.map(({ temperatureC }) => temperatureC);
      return `${round(Math.min(...all))} to ${round(Math.max(...all))} C in ${all.length} points`;
    }
    default:
      return outside satisfies never;
  }
};

const upsText = ({ ups, rows }: RoomPlan, { style }: Canvas): string => {
  const units = ups.units.map(({ id, capacityW }) => {
    const fed = rows.filter((row) => row.ups === id).map((row) => row.id);
    return `${id} ${kilowatts(capacityW)} ${fed.length === 0 ? '(feeds no row)' : `> ${fed.join(' ')}`}`;
  });
  return `${style('bold', `ups ${ups.redundancy}`)}  ${units.join('   ')}`;
};

const aisleNode = (aisle: AislePlan, plan: RoomPlan, canvas: Canvas): Node => {
  const total = aisle.ahus.reduce((sum, { airflowM3s }) => sum + airflowM3s, 0);
  const ahus = aisle.ahus.map(({ id, airflowM3s }) => `${id} ${round(airflowM3s)}`);
  const widths = columnWidths(plan);
  return {
    text: `${canvas.style('bold', `aisle ${aisle.id}`)}  ${round(total)} m3/s: ${ahus.join(', ')}`,
    below: plan.rows
      .filter((row) => row.aisle === aisle.id)
      .map((row) => rowNode(row, widths, canvas)),
  };
};

const rowNode = (row: RowPlan, widths: Widths, canvas: Canvas): Node => ({
  text: `${canvas.style('bold', `row ${row.id}`)}  ups ${row.ups}  limit ${kilowatts(row.limitW)}`,
  below: row.racks.map((rack) => rackNode(rack, widths, canvas)),
});

const rackNode = ({ id, limitW, servers }: RackPlan, widths: Widths, canvas: Canvas): Node => ({
  text: `rack ${id}  limit ${kilowatts(limitW)}`,
  below: servers.map((server) => leaf(serverText(server, widths, canvas))),
});

type Widths = Readonly<Record<'id' | 'kind', number>>;

const columnWidths = (plan: RoomPlan): Widths => {
  const widest = (texts: readonly string[]): number =>
    texts.reduce((width, text) => Math.max(width, text.length), 0);
  const servers = serversOf(plan);
  return { id: widest(servers.map(({ id }) => id)), kind: widest(servers.map((s) => s.kind)) };
};

const serverText = (server: ServerPlan, widths: Widths, { style }: Canvas): string => {
  const { id, kind, tenant, limitW, placeBiasK } = server;
  return [
    id.padEnd(widths.id),
    style('dim', kind.padEnd(widths.kind)),
    tenant.padEnd('adjustable'.length),
    `${gpusOf(server)} GPUs`,
    ...(placeBiasK === 0 ? [] : [`${placeBiasK > 0 ? '+' : ''}${round(placeBiasK)} K`]),
    ...(limitW === undefined ? [] : [`limit ${kilowatts(limitW)}`]),
  ].join('  ');
};

const serversOf = ({ rows }: RoomPlan): readonly ServerPlan[] =>
  rows.flatMap(({ racks }) => racks.flatMap(({ servers }) => servers));

/** GPUs of a server: as many as its class has. */
export const gpusOf = ({ kind }: ServerPlan): number => serverClassOf(kind)?.gpuBiasK.length ?? 0;

const kilowatts = (watts: number): string => `${round(watts / 1000)} kW`;
const round = (value: number): number => Number(value.toFixed(2));
