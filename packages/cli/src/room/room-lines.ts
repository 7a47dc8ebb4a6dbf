import type {
  GetRoomResponse,
  GpuState,
  LevelState,
  ServerState,
  ThermalEmergency,
} from '@isotherm/proto';
import type { Style, Terminal } from '../show/terminal.ts';

/** What drawing needs of a terminal. */
export type Canvas = Pick<Terminal, 'style' | 'columns'>;

const barCells = 10;
/** Between what stands side by side. */
const gap = '   ';
/** Kelvin below the slowdown limit from which on a core counts as warm, and as hot. */
const warmK = 15;
const hotK = 5;
/** Shares of a limit from which on a level counts as near it, and as over it. */
const nearShare = 0.85;
const overShare = 1;

/** The room for a person: what is lost, then power from the top, then each aisle with its rows, servers and GPUs. */
export const roomLines = (room: GetRoomResponse, canvas: Canvas): readonly string[] => [
  headline(room, canvas),
  ...room.emergencies.map((each) => canvas.style('red', `! ${emergencyText(each, room)}`)),
  '',
  ...upsLines(room, canvas),
  ...levelsOf(room, 'aisle').flatMap((aisle) => ['', ...aisleLines(aisle, room, canvas)]),
];

const headline = (room: GetRoomResponse, { style }: Canvas): string => {
  const speed = room.timeScale === 1 ? '' : `, ${String(round(room.timeScale, 1))} times as fast`;
  const events = Object.entries(room.throttleEvents).map(([cause, count]) => `${count} ${cause}`);
  return [
    `${style('bold', room.name)} (${room.kind}${speed})`,
    `${clock(room.plantS)} since the start`,
    `outside ${round(room.outsideC, 1)} C`,
    `throttled: ${events.length === 0 ? 'never' : events.join(', ')}`,
  ].join('   ');
};

/** As many units a line as there is room for. */
const upsLines = (room: GetRoomResponse, canvas: Canvas): readonly string[] => {
  const units = levelsOf(room, 'ups');
  const textOf = (ups: LevelState, { style, columns }: Canvas): string =>
    `${nameOf(ups)} ${bar(ups, { style, columns })} ${kilowatts(ups)}`;
  const bare: Canvas = { columns: canvas.columns, style: (_, text) => text };
  const widest = Math.max(1, ...units.map((ups) => textOf(ups, bare).length));
  const each = Math.max(1, Math.floor((canvas.columns + gap.length) / (widest + gap.length)));
  const lines: string[] = [];
  for (let at = 0; at < units.length; at += each) {
    const some = units.slice(at, at + each);
    lines.push(some.map((ups) => textOf(ups, canvas)).join(gap));
  }
  return lines;
};

const aisleLines = (
  aisle: LevelState,
  room: GetRoomResponse,
  canvas: Canvas,
): readonly string[] => {
  const inAisle = room.servers.filter((server) => isAbove(server, 'aisle', idOf(aisle)));
  const rows = levelsOf(room, 'row').filter((row) =>
    inAisle.some((server) => isAbove(server, 'row', idOf(row))),
  );
  const air = `${round(aisle.used, 2)} of ${round(aisle.limit, 2)} m3/s of air`;
  const supply = `supplied at ${round(aisle.supplyC, 1)} C`;
  return [
    `${canvas.style('bold', nameOf(aisle))}  ${bar(aisle, canvas)}  ${air}, ${supply}`,
    ...rows.flatMap((row) => [
      `  ${nameOf(row)}  ${bar(row, canvas)}  ${kilowatts(row)}${outlook(row)}`,
      ...inAisle
        .filter((server) => isAbove(server, 'row', idOf(row)))
        .map((server) => `    ${serverLine(server, room, canvas)}`),
    ]),
  ];
};

const serverLine = (server: ServerState, room: GetRoomResponse, canvas: Canvas): string => {
  const width = Math.max(...room.servers.map(({ id }) => id.length));
  const kinds = Math.max(...room.servers.map((each) => each.class.length));
  const who =
    server.tenant === 'opaque' ? canvas.style('dim', 'opaque') : server.instanceIds.join(' ');
  return [
    server.id.padEnd(width),
    canvas.style('dim', server.class.padEnd(kinds)),
    `in ${fixed(server.inletC, 1, 4)} C`,
    `${fixed(server.powerW / 1000, 2, 5)} kW`,
    `fan ${fixed(100 * server.fanShare, 0, 3)} %`,
    server.gpus.map((gpu) => gpuText(gpu, canvas)).join(' '),
    who,
  ]
    .filter((text) => text !== '')
    .join('  ')
    .trimEnd();
};

/** Core temperature; ! where the hardware slows the GPU down, x where it has shut down. */
const gpuText = (gpu: GpuState, { style }: Canvas): string => {
  if (gpu.shutDown) return style('red', ' off');
  const leftK = gpu.slowdownC - gpu.coreC;
  const colour: Style = leftK <= hotK ? 'red' : leftK <= warmK ? 'yellow' : 'green';
  return style(colour, `${fixed(gpu.coreC, 0, 3)}${isThrottled(gpu) ? '!' : ' '}`);
};

/** NVML's reasons that are the hardware's own doing: power cap, slowdowns, brake. */
const throttledBits = 0x4 | 0x8 | 0x20 | 0x40 | 0x80;
const isThrottled = ({ throttleReasons }: GpuState): boolean =>
  (throttleReasons & throttledBits) !== 0;

const bar = ({ used, limit, state }: LevelState, { style }: Canvas): string => {
  if (state === 'tripped') return style('red', 'tripped'.padEnd(barCells + 6));
  const share = limit > 0 ? used / limit : 1;
  const full = Math.max(0, Math.min(barCells, Math.round(share * barCells)));
  const colour: Style = share > overShare ? 'red' : share >= nearShare ? 'yellow' : 'green';
  const drawn = `${'█'.repeat(full)}${'░'.repeat(barCells - full)}`;
  return `${style(colour, drawn)} ${fixed(100 * share, 0, 3)} %`;
};

const kilowatts = ({ used, limit, limitNominal }: LevelState): string => {
  const lost = limit < limitNominal ? ` (was ${round(limitNominal / 1000, 1)})` : '';
  return `${fixed(used / 1000, 1, 0)} of ${round(limit / 1000, 1)} kW${lost}`;
};

/** The second horizon, a minute ahead. */
const outlook = ({ predicted }: LevelState): string =>
  predicted[1] === undefined ? '' : `, in a minute ${fixed(predicted[1] / 1000, 1, 0)}`;

/** One emergency in words. */
export const emergencyText = (
  { id, kind, scope, toShare, byK, forS, sinceMs }: ThermalEmergency,
  { atMs }: Pick<GetRoomResponse, 'atMs'>,
): string => {
  const where = scope === null || scope.id === '' ? 'the whole room' : `${scope.kind} ${scope.id}`;
  const what: Readonly<Record<string, string>> = {
    cooling: `cooling of ${where} at ${round(100 * toShare, 0)} %`,
    ahu: `air handler ${scope?.id ?? ''} lost`,
    power: `power of ${where} at ${round(100 * toShare, 0)} %`,
    ups: `UPS unit ${scope?.id ?? ''} lost`,
    heat_wave: `${round(byK, 1)} K warmer outside`,
  };
  const lasting = forS > 0 ? `, for ${round(forS, 0)} s of the room's time` : '';
  const since = sinceMs > 0 ? `, since ${clock((atMs - sinceMs) / 1000)}` : '';
  return `${what[kind] ?? kind}${lasting}${since}  [${id}]`;
};

const levelsOf = ({ levels }: GetRoomResponse, kind: string): readonly LevelState[] =>
  levels.filter(({ level }) => level?.kind === kind);
const idOf = ({ level }: LevelState): string => level?.id ?? '';
const nameOf = ({ level }: LevelState): string => `${level?.kind ?? ''} ${level?.id ?? ''}`;
const isAbove = ({ above }: ServerState, kind: string, id: string): boolean =>
  above.some((level) => level.kind === kind && level.id === id);

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
const fixed = (value: number, digits: number, width: number): string =>
  value.toFixed(digits).padStart(width);
/** Seconds as 1:02:03 or 2:03. */
const clock = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
};
