import { steadyGpu, memoryPowerW } from '@isotherm/plant';
import type { LevelRef } from '../topology/level.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import { isFresh, type Latest, type TelemetryBook } from '../telemetry/book.ts';
import type { Quantity } from '../telemetry/quantity.ts';

/** The room as its latest readings have it. What is not known is held to be worse than it may be, and says so. */
export interface RoomView {
  readonly atMs: number;
  readonly outsideC: number;
  readonly gpus: readonly GpuView[];
  readonly servers: readonly ServerView[];
}

export interface GpuView {
  readonly coreC: number;
  readonly memoryC: number;
  readonly powerW: number;
  readonly utilisation: number;
  readonly clockShare: number;
  /** NVML's clock event reasons. */
  readonly reasons: number;
  readonly shutDown: boolean;
  /** Why it is held to be worse than it may be; empty where all is known. */
  readonly doubt: string;
}

export interface ServerView {
  readonly inletC: number;
  readonly powerW: number | undefined;
  readonly fanShare: number | undefined;
  /** Age of the oldest reading that it is known by, in seconds; Infinity where one is missing. */
  readonly ageS: number;
  readonly doubt: string;
}

export interface ViewBounds {
  /** A reading older than this says no more what is, in milliseconds. */
  readonly staleMs: number;
  /** How much warmer an inlet may be than the warmest of its aisle that is known. */
  readonly doubtK: number;
  /** Inlet where nothing of an aisle is known: what servers are allowed at the most. */
  readonly unknownInletC: number;
}

export const defaultViewBounds: ViewBounds = { staleMs: 10_000, doubtK: 3, unknownInletC: 30 };

export const viewRoom = (
  index: RoomIndex,
  book: TelemetryBook,
  input: { readonly nowMs: number; readonly plannedOutsideC: number },
  bounds: ViewBounds,
): RoomView => {
  const { nowMs } = input;
  const read = (of: LevelRef, quantity: Quantity): Latest | undefined => {
    const latest = book.latest(of, quantity);
    return latest !== undefined && isFresh(latest, nowMs, bounds.staleMs) ? latest : undefined;
  };
  const room: LevelRef = { level: 'room', id: index.plan.name };
  const servers = viewServers(index, read, book, nowMs, bounds);
  return {
    atMs: nowMs,
    outsideC: read(room, 'outside_c')?.value ?? input.plannedOutsideC,
    servers,
    gpus: index.layout.gpus.map((_, gpu) => viewGpu(index, gpu, read, book, servers)),
  };
};

type Read = (of: LevelRef, quantity: Quantity) => Latest | undefined;

const viewServers = (
  { layout }: RoomIndex,
  read: Read,
  book: TelemetryBook,
  nowMs: number,
  bounds: ViewBounds,
): readonly ServerView[] => {
  const warmest = new Map<number, number>();
  const inlets = layout.servers.map(({ plan: { id }, aisle }) => {
    const inlet = read({ level: 'server', id }, 'inlet_c')?.value;
    if (inlet !== undefined) warmest.set(aisle, Math.max(inlet, warmest.get(aisle) ?? -Infinity));
    return inlet;
  });
  return layout.servers.map(({ plan: { id }, aisle, firstGpu, gpuCount }, index): ServerView => {
    const of: LevelRef = { level: 'server', id };
    const ages = layout.gpus
      .slice(firstGpu, firstGpu + gpuCount)
      .map((gpu) => ageS(book, { level: 'gpu', id: gpu.id }, 'core_c', nowMs));
    const own = inlets[index];
    const known = {
      powerW: read(of, 'power_w')?.value,
      fanShare: read(of, 'fan_share')?.value,
      ageS: Math.max(ageS(book, of, 'inlet_c', nowMs), ...ages),
    };
    if (own !== undefined) return { ...known, inletC: own, doubt: '' };
    const around = warmest.get(aisle);
    const last = book.latest(of, 'inlet_c')?.value ?? -Infinity;
    const held = around === undefined ? bounds.unknownInletC : around + bounds.doubtK;
    return { ...known, inletC: Math.max(last, held), doubt: `no fresh inlet_c of server ${id}` };
  });
};

const ageS = (book: TelemetryBook, of: LevelRef, quantity: Quantity, nowMs: number): number => {
  const latest = book.latest(of, quantity);
  return latest === undefined ? Infinity : Math.abs(nowMs - latest.atMs) / 1000;
};

const viewGpu = (
  { layout }: RoomIndex,
  index: number,
  read: Read,
  book: TelemetryBook,
  servers: readonly ServerView[],
): GpuView => {
  const gpu = layout.gpus[index];
  if (gpu === undefined) throw new RangeError(`no GPU ${index}`);
  const { power, limits } = gpu.kind;
  const of: LevelRef = { level: 'gpu', id: gpu.id };
  const server = servers[gpu.server];
  const inletC = server?.inletC ?? 0;
  const powerW = read(of, 'power_w')?.value;
  const margin = read(of, 'core_margin_c')?.value;
  const core =
    read(of, 'core_c')?.value ?? (margin === undefined ? undefined : limits.operatingMaxC - margin);
  const memory = read(of, 'memory_c')?.value;
  const clock = read(of, 'clock_share')?.value;
  const heldW = powerW ?? power.ratedW;
  const heat = { inletC, powerW: heldW, memoryPowerW: memoryPowerW(power, 'decode', heldW) };
  const steady = steadyGpu(gpu.thermal, heat);
  const missing = [
    ...(core === undefined ? ['core_c'] : []),
    ...(powerW === undefined ? ['power_w'] : []),
  ];
  const doubts = [
    ...(missing.length > 0 ? [`no fresh ${missing.join(', ')} of GPU ${gpu.id}`] : []),
    ...(server !== undefined && server.doubt !== '' ? [server.doubt] : []),
  ];
  const lastC = book.latest(of, 'core_c')?.value ?? -Infinity;
  const coreC = core ?? Math.max(lastC, steady.coreC);
  return {
    coreC,
    // Many sensors have no memory temperature: it is then taken to have settled, which is no doubt.
    memoryC: memory ?? Math.max(coreC, steady.memoryC),
    powerW: heldW,
    utilisation: read(of, 'utilisation')?.value ?? (powerW === undefined ? 1 : 0),
    clockShare: clock ?? 1,
    reasons: read(of, 'throttle_reasons')?.value ?? 0,
    shutDown: clock === 0 && heldW < 1,
    doubt: doubts.join('; '),
  };
};
