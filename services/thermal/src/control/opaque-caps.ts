import type { GpuId, Ratings } from '@isotherm/plant';
import type { PlanAction } from '@isotherm/policy';
import type { Round } from '../round/round.ts';
import { gpuLimitW } from './plan-room.ts';

/** Cap of an opaque server, and what it drew before. */
interface OpaqueCap {
  readonly capW: number;
  readonly demandW: number;
}

/** Caps of servers of opaque tenants, and what they are to their GPUs. */
export interface OpaqueCaps {
  apply(action: PlanAction, server: number, round: Round): void;
  of(server: string): OpaqueCap | undefined;
  /** Power limits of the GPUs of those that are capped. */
  readonly limitsW: ReadonlyMap<GpuId, number>;
}

export const createOpaqueCaps = (ratings: Ratings): OpaqueCaps => {
  const caps = new Map<string, OpaqueCap>();
  const limitsW = new Map<GpuId, number>();
  return {
    apply: (action, server, round) => {
      const place = round.input.index.layout.servers[server];
      if (place === undefined) return;
      const { id } = place.plan;
      const capW = action.kind === 'cap' ? action.capW : undefined;
      const usedW = round.levels.get(`server:${id}`)?.used ?? 0;
      if (capW === undefined) caps.delete(id);
      else caps.set(id, { capW, demandW: Math.max(usedW, caps.get(id)?.demandW ?? 0) });
      for (let each = 0; each < place.gpuCount; each += 1) {
        const gpu = round.input.index.layout.gpus[place.firstGpu + each]?.id;
        if (gpu === undefined) continue;
        if (capW === undefined) limitsW.delete(gpu);
        else limitsW.set(gpu, gpuLimitW(capW, server, round, ratings));
      }
    },
    of: (server) => caps.get(server),
    limitsW,
  };
};
