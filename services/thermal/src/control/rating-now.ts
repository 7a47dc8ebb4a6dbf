import { type Rating, type Ratings, steadyServerPowerW } from '@isotherm/plant';
import type { Round } from '../round/round.ts';

/** What a server draws idle and with all its GPUs at their rated power, by what was learnt of it. */
export const ratingNow = (server: number, round: Round, ratings: Ratings): Rating | undefined => {
  const rating = ratings.servers[server];
  const place = round.now.layout.servers[server];
  if (rating === undefined || place === undefined) return undefined;
  const { kind, gpuCount, gpusRatedW, firstGpu } = place;
  const idleW = gpuCount * (round.now.layout.gpus[firstGpu]?.kind.power.idleW ?? 0);
  return {
    ...rating,
    idleW: steadyServerPowerW(kind.server, idleW, gpusRatedW),
    fullW: steadyServerPowerW(kind.server, gpusRatedW, gpusRatedW),
  };
};
