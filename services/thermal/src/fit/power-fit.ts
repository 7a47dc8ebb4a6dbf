import {
  clockPowerShare,
  dynamicPowerW,
  type GpuDemand,
  type GpuId,
  type GpuPowerParameters,
  predictServerPowerW,
  type RoomState,
  type ServerParameters,
  steadyServerPowerW,
} from '@isotherm/plant';
import type { GpuView, RoomView } from '../estimate/room-view.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import { fittedGpuPower, fittedServer } from './fitted-power.ts';
import { type LineFit, type LineSettings, newLine, observe } from './line-fit.ts';

/**
 * What servers and GPUs draw, learnt while they run. Of a server: its plug by what its GPUs and fans draw, offset and slope. Of a
 * GPU: what its work adds to idle power, as a factor of what the plant expects of that work.
 */
export interface PowerFit {
  /** What there is to learn of a round; `demand`: what instances ask of their GPUs. */
  learn(view: RoomView, now: RoomState, dtS: number, demand: ReadonlyMap<GpuId, GpuDemand>): void;
  server(server: number): ServerParameters;
  gpu(gpu: number): GpuPowerParameters;
  /** Watts by which predictions of a server may be off; 0 while its models hold. */
  marginW(server: number): number;
  serverLine(server: number): LineFit | undefined;
  gpuLine(gpu: number): LineFit | undefined;
}

/** Shares of what the server, or the GPU, is rated for: priors of a tenth, and a fifth of the slope. */
const line: LineSettings = {
  ...{ aVariance: 0.01, bVariance: 0.04, noiseVariance: 0.001, memory: 0.995 },
  ...{ aMax: 0.3, bMin: 0.6, bMax: 1.6 },
};
/** Through the origin: a GPU without work draws its idle power. */
const factor: LineSettings = { ...line, aVariance: 0, aMax: 0 };

/** A mean error beyond this share of what is rated is a drift; of a few samples nothing is said. */
const driftShare = 0.03;
const driftSamples = 10;
/** Over which work and watts of a GPU are smoothed alike, in plant seconds: counters lag behind sensors. */
const smoothS = 30;
/** Less work than this share of what is rated says nothing of the factor. */
const workShareMin = 0.05;
/** A clock that is farther than this from the one that was asked for is somebody else's doing. */
const clockNoise = 0.03;

export const isPowerDrifted = ({ error, samples }: LineFit): boolean =>
  samples >= driftSamples && error > driftShare;

interface Smoothed {
  readonly work: number;
  readonly drawn: number;
}

export const createPowerFit = ({ layout }: RoomIndex): PowerFit => {
  const serverLines = layout.servers.map(() => newLine(line));
  const gpuLines = layout.gpus.map(() => newLine(factor));
  const smoothed: (Smoothed | undefined)[] = layout.gpus.map(() => undefined);
  const servers = layout.servers.map(({ kind }) => kind.server);
  const powers = layout.gpus.map(({ kind }) => kind.power);
  const ratedW = layout.servers.map(({ kind, gpusRatedW }) =>
    steadyServerPowerW(kind.server, gpusRatedW, gpusRatedW),
  );

  const learnServer = (server: number, view: RoomView, now: RoomState): void => {
    const place = layout.servers[server];
    const [seen, known, rated] = [view.servers[server], serverLines[server], ratedW[server]];
    if (place === undefined || seen?.powerW === undefined || !known || !rated) return;
    const gpus = view.gpus.slice(place.firstGpu, place.firstGpu + place.gpuCount);
    if (gpus.some(({ doubt, shutDown }) => doubt !== '' || shutDown)) return;
    const gpusW = gpus.reduce((sum, { powerW }) => sum + powerW, 0);
    const loadShare = place.gpusRatedW > 0 ? gpusW / place.gpusRatedW : 0;
    const fanSpeedShare = seen.fanShare ?? now.servers.fanSpeedShare[server] ?? 0;
    const load = { gpusW, loadShare, fanSpeedShare };
    const expectedW = predictServerPowerW(place.kind.server, load);
    const next = observe(known, expectedW / rated, seen.powerW / rated, line);
    serverLines[server] = next;
    servers[server] = fittedServer(place.kind.server, next, rated);
  };

  const learnGpu = (
    gpu: number,
    seen: GpuView,
    asked: GpuDemand | undefined,
    dtS: number,
  ): void => {
    const place = layout.gpus[gpu];
    const known = gpuLines[gpu];
    const isAsAsked =
      asked !== undefined && Math.abs(seen.clockShare - asked.clockShare) <= clockNoise;
    if (place === undefined || known === undefined || !isAsAsked || seen.doubt !== '') {
      smoothed[gpu] = undefined;
      return;
    }
    const { power } = place.kind;
    const { clockFixedShare } = power.stages[asked.stage];
    const left = clockPowerShare(asked.clockShare, clockFixedShare, power.voltageMinShare);
    const work = (dynamicPowerW(power, asked) * left) / power.ratedW;
    const drawn = (seen.powerW - power.idleW) / power.ratedW;
    const before = smoothed[gpu] ?? { work, drawn };
    const weight = 1 - Math.exp(-dtS / smoothS);
    const mean = {
      work: before.work + (work - before.work) * weight,
      drawn: before.drawn + (drawn - before.drawn) * weight,
    };
    smoothed[gpu] = mean;
    if (mean.work < workShareMin) return;
    const next = observe(known, mean.work, mean.drawn, factor);
    gpuLines[gpu] = next;
    powers[gpu] = fittedGpuPower(power, next.b);
  };

  return {
    learn: (view, now, dtS, demand) => {
      layout.servers.forEach((_, server) => learnServer(server, view, now));
      layout.gpus.forEach(({ id }, gpu) => {
        const seen = view.gpus[gpu];
        if (seen !== undefined) learnGpu(gpu, seen, demand.get(id), dtS);
      });
    },
    server: (server) => at(servers, server),
    gpu: (gpu) => at(powers, gpu),
    marginW: (server) => {
      const known = serverLines[server];
      return known && isPowerDrifted(known) ? 2 * known.error * (ratedW[server] ?? 0) : 0;
    },
    serverLine: (server) => serverLines[server],
    gpuLine: (gpu) => gpuLines[gpu],
  };
};

const at = <Item>(items: readonly Item[], index: number): Item => {
  const found = items[index];
  if (found === undefined) throw new RangeError(`none at ${index}`);
  return found;
};
