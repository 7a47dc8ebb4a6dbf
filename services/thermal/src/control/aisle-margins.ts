import { gpuTemperatures } from '../headroom/instance-headroom.ts';
import type { Round } from '../round/round.ts';

/** How far an aisle is from its limits of temperature, in K; Infinity where nothing stands in it. */
export interface AisleMargins {
  /**
   * Now and ten seconds ahead, of the GPU that is nearest to slowing down, or of the inlet that is nearest to its server's
   * emergency stop.
   */
  readonly marginK: number;
  /** Now, of what is no longer held: a core where hardware halves its clock, an inlet at which its server stops. */
  readonly stopK: number;
}

/** Air follows in minutes what is done in seconds: who looks further ahead takes back and forth. */
const horizons = 1;

/**
 * By aisle. Of GPUs that are ours to slow down only `stopK` tells: each has a
 * limit of its own in a plan, and follows its own work more than the aisle's air.
 */
export const aisleMargins = (round: Round): readonly AisleMargins[] => {
  const { layout } = round.input.index;
  const margins = layout.aisles.map(() => ({ marginK: Infinity, stopK: Infinity }));
  const note = (aisle: number, marginK: number, stopK: number): void => {
    const found = margins[aisle];
    if (found === undefined) return;
    found.marginK = Math.min(found.marginK, marginK);
    found.stopK = Math.min(found.stopK, stopK);
  };
  const own = new Set(round.instances.flatMap(({ gpus }) => gpus));
  const later = round.predicted.slice(0, horizons);
  layout.servers.forEach(({ aisle, kind }, server) => {
    const nowC = round.view.servers[server]?.inletC ?? 0;
    const inletC = Math.max(nowC, ...later.map(({ servers }) => servers.inletC[server] ?? 0));
    const { inletShutdownC } = kind.server;
    note(aisle, inletShutdownC - inletC, inletShutdownC - nowC);
  });
  layout.gpus.forEach(({ server, kind: { limits } }, gpu) => {
    const aisle = layout.servers[server]?.aisle ?? 0;
    for (let at = -1; at < later.length; at += 1) {
      const { coreC, coreK, memoryK } = gpuTemperatures(gpu, at, round.input);
      const marginK = own.has(gpu) ? Infinity : Math.min(coreK, memoryK);
      note(aisle, marginK, at < 0 ? limits.slowdownC - coreC : Infinity);
    }
  });
  return margins;
};
