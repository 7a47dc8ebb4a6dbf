import { boundedShare } from '../headroom/headroom.ts';
import type { LevelIndex } from '../headroom/level-index.ts';
import type { PlaceCandidate, PlaceSettings, PlaceWeights, PlaceWork } from './contract.ts';
import { gpuRoomShare } from './gpu-room.ts';

/** Rates candidates against each other: 1 is the best, 0 the worst. */
export interface PlacePreference {
  readonly name: keyof PlaceWeights;
  score(
    candidates: readonly PlaceCandidate[],
    work: PlaceWork,
    index: LevelIndex,
    settings: PlaceSettings,
  ): readonly number[];
}

/** The middle of a list that nothing parts. */
const undecided = 0.5;

/**
 * Hot work to cool servers, and mild work to warm ones, which leaves the cool ones free. How hot work is, is its share of
 * what its GPUs could draw; how cool a server is, is its rank between the warmest and the coolest candidate.
 */
const coolServer: PlacePreference = {
  name: 'coolServer',
  score: (candidates, work, _, settings) => {
    const room = candidates.map(({ gpus }) =>
      Math.min(...gpus.map((gpu) => gpuRoomShare(gpu, 0, work.stage, settings))),
    );
    const [least, most] = [Math.min(...room), Math.max(...room)];
    return candidates.map(({ server, addedW, gpus }, row) => {
      const coolness = most > least ? ((room[row] ?? 0) - least) / (most - least) : undecided;
      const heat = boundedShare(addedW / Math.max(1, server.gpuPeakW * gpus.length));
      return 1 - Math.abs(heat - coolness);
    });
  },
};

/** Room that stays for the kind of heat of the stage: of the core for encode and prefill, of the memory for decode. */
const stageHeat: PlacePreference = {
  name: 'stageHeat',
  score: (candidates, work, _, settings) =>
    candidates.map(({ gpus, addedW }) =>
      Math.min(...gpus.map((gpu) => gpuRoomShare(gpu, addedW / gpus.length, work.stage, settings))),
    ),
};

/**
 * Rows and aisles where the other kind of tenant draws much: one of only opaque tenants has nothing to give in an emergency,
 * and one of only adjustable ones gives more than it would have to.
 */
const mixTenants: PlacePreference = {
  name: 'mixTenants',
  score: (candidates, { tenant }, index) =>
    candidates.map(({ shares, addedW }) => {
      const others = [...shares].flatMap(([key, share]) => {
        const state = index.get(key);
        if (state === undefined || (state.level !== 'row' && state.level !== 'aisle')) return [];
        const { peakW, adjustablePeakW: adjustableW } = state;
        if (adjustableW === undefined) return [undecided];
        const otherW = tenant === 'opaque' ? adjustableW : peakW - adjustableW;
        return [boundedShare(otherW / Math.max(1, peakW + share * addedW))];
      });
      return others.length === 0
        ? undecided
        : others.reduce((sum, each) => sum + each, 0) / others.length;
    }),
};

/** What the tightest level above has left once the work is there. */
const roomLeft: PlacePreference = {
  name: 'roomLeft',
  score: (candidates, _, index) =>
    candidates.map(({ shares, addedW }) =>
      Math.min(
        1,
        ...[...shares].map(([key, share]) => {
          const { peakW = 0, limitW = 0 } = index.get(key) ?? {};
          return limitW > 0 ? boundedShare(1 - (peakW + share * addedW) / limitW) : 0;
        }),
      ),
    ),
};

export const placePreferences: readonly PlacePreference[] = [
  ...[coolServer, stageHeat, mixTenants, roomLeft],
];
