import type { PlanLosses } from './contract.ts';
import type { Draft } from './draft.ts';

/** What a draft gives up in all, against everyone's preferred configuration without a cap. */
export const lossesOf = ({ adjustable, opaque }: Draft): PlanLosses => {
  const drafted = [...adjustable.values()];
  const pools = [...new Set(drafted.map(({ pool }) => pool))];
  const load = sum(pools.map((pool) => pool.load));
  const lost = drafted.map(({ instance, preferred, posed }) => {
    const best = preferred?.profile.quality ?? posed.draw.quality;
    return instance.load * Math.max(0, best - posed.draw.quality);
  });
  return {
    opaqueW: sum(opaque.map(({ instance, powerW }) => Math.max(0, instance.demandW - powerW))),
    lackLoad: sum(pools.map((pool) => Math.max(0, pool.load - pool.capacity))),
    load,
    qualityLoss: load > 0 ? sum(lost) / load : 0,
  };
};

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);
