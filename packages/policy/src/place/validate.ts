import { type LevelIndex, sharesAbove } from '../headroom/level-index.ts';
import { levelKey } from '../headroom/level.ts';
import type {
  PlaceCandidate,
  PlaceDrop,
  PlaceGpu,
  PlaceServer,
  PlaceSettings,
  PlaceTemperature,
  PlaceWork,
} from './contract.ts';
import { gpuRoomShare } from './gpu-room.ts';

export type Validated =
  | { readonly kind: 'valid'; readonly candidate: PlaceCandidate }
  | ({ readonly kind: 'dropped' } & PlaceDrop);

/**
 * Whether a server can take the work without any limit being met at the predicted peak: kind, free GPUs, temperature of each
 * GPU, then power and air of every level above. A number that is none passes nothing.
 */
export const validateServer = (
  server: PlaceServer,
  work: PlaceWork,
  index: LevelIndex,
  settings: PlaceSettings,
): Validated => {
  if (work.serverKind !== undefined && work.serverKind !== server.kind) {
    return dropped('server-kind', server.kind);
  }
  const free = server.gpus.filter((gpu) => gpu.free);
  if (free.length < work.gpus) return dropped('free-gpus', `${free.length}`);
  const addedW = peakOf(work, server);
  const perGpuW = addedW / work.gpus;
  const cool = free.filter((gpu) => staysCool(gpu, perGpuW, settings));
  if (cool.length < work.gpus) return dropped('gpu-temperature', hottestOf(free, cool, server));
  const own = { level: 'server', id: server.id } as const;
  const shares = sharesAbove(index, own);
  if (!shares.has(levelKey(own))) return dropped('known-level', levelKey(own));
  const full = firstFull(shares, addedW, index, settings);
  if (full !== undefined) return full;
  const gpus = coolest(cool, perGpuW, work, settings);
  return { kind: 'valid', candidate: { server, gpus, addedW, shares } };
};

/** A peak that nobody knows, or that is no power, counts in full. */
const peakOf = ({ peakW = NaN, gpus }: PlaceWork, { gpuPeakW }: PlaceServer): number =>
  peakW >= 0 ? peakW : gpuPeakW * gpus;

const dropped = (validator: string, at: string): Validated => ({ kind: 'dropped', validator, at });

const staysCool = (gpu: PlaceGpu, addedW: number, { marginK }: PlaceSettings): boolean =>
  [gpu.core, gpu.memory].every((part) => temperatureWith(part, addedW) <= part.limitC - marginK);

const temperatureWith = ({ peakC, riseKPerW }: PlaceTemperature, addedW: number): number =>
  peakC + riseKPerW * addedW;

const hottestOf = (free: readonly PlaceGpu[], cool: readonly PlaceGpu[], { id }: PlaceServer) =>
  free
    .filter((gpu) => !cool.includes(gpu))
    .map(({ index }) => `${id}/${index}`)
    .join(' ');

/** The first level, outwards, that would be over its limit: `server-power`, `row-power`, `aisle-air`. */
const firstFull = (
  shares: ReadonlyMap<string, number>,
  addedW: number,
  index: LevelIndex,
  { marginShare }: PlaceSettings,
): Validated | undefined => {
  for (const [key, share] of shares) {
    const state = index.get(key);
    if (state === undefined) continue;
    const { level, peakW, limitW } = state;
    if (peakW + share * addedW <= limitW * (1 - marginShare)) continue;
    return dropped(level === 'aisle' ? 'aisle-air' : `${level}-power`, key);
  }
  return undefined;
};

/** As many GPUs as the work needs, those with the most room for its kind of heat first. */
const coolest = (
  gpus: readonly PlaceGpu[],
  addedW: number,
  work: PlaceWork,
  settings: PlaceSettings,
): readonly PlaceGpu[] => {
  const room = new Map(
    gpus.map((gpu) => [gpu.index, gpuRoomShare(gpu, addedW, work.stage, settings)]),
  );
  return gpus
    .toSorted((a, b) => (room.get(b.index) ?? 0) - (room.get(a.index) ?? 0) || a.index - b.index)
    .slice(0, work.gpus)
    .toSorted((a, b) => a.index - b.index);
};
