import {
  type GpuDemand,
  type GpuId,
  type GpuThermalParameters,
  type RoomState,
  steadyRiseK,
} from '@isotherm/plant';
import type { FittedRoom } from '../estimate/room-estimate.ts';
import type { RoomView } from '../estimate/room-view.ts';
import type { LevelRef } from '../topology/level.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import { type LineFit, type LineSettings, newLine, observe } from './line-fit.ts';
import { createPowerFit, isPowerDrifted } from './power-fit.ts';

/** How good one model of one thing is. */
export interface ModelFit {
  readonly of: LevelRef;
  readonly model: 'core' | 'inlet' | 'server_power' | 'gpu_power';
  /** In kelvins, or as a share of the rated power. */
  readonly error: number;
  readonly samples: number;
  /** Its error has risen beyond its bound: what it predicts gets a margin. */
  readonly drifted: boolean;
}

/** The room's own figures, learnt while it runs: how warm each server stands, how each GPU warms, and what both draw. */
export interface RoomFit extends FittedRoom {
  /**
   * Learns from what was found at a plant time; `now` is the model that followed it, `demand` what instances ask of their GPUs.
   */
  learn(
    view: RoomView,
    now: RoomState,
    plantS: number,
    demand?: ReadonlyMap<GpuId, GpuDemand>,
  ): void;
  marginK(gpu: number): number;
  /** Watts by which predictions of a server may be off; 0 while its model holds. */
  marginW(server: number): number;
  models(): readonly ModelFit[];
}

const core: LineSettings = {
  ...{ aVariance: 9, bVariance: 0.04, noiseVariance: 0.5, memory: 0.995 },
  ...{ aMax: 12, bMin: 0.4, bMax: 2.5 },
};
/** A place's bias: a line without a slope. */
const inlet: LineSettings = { ...core, bVariance: 0, aMax: 15, bMin: 1, bMax: 1 };

/** Time between two samples of one thing, in plant seconds. */
const everyS = 5;
/** A chip is settled once its power has stayed within this for a while. */
const settled = { tauS: 60, powerShare: 0.03, powerW: 8, coreK: 0.6 };
/** Beyond this mean error a model has drifted; of a few samples nothing is said. */
const driftK = 2;
const driftSamples = 10;

interface Smooth {
  powerW: number;
  coreC: number;
}

export const createRoomFit = (index: RoomIndex): RoomFit => {
  const { layout } = index;
  const cores = layout.gpus.map(() => newLine(core));
  const inlets = layout.servers.map(() => newLine(inlet));
  const smooth: (Smooth | undefined)[] = layout.gpus.map(() => undefined);
  const thermals = layout.gpus.map(({ thermal }) => thermal);
  const power = createPowerFit(index);
  let lastS = -Infinity;

  const learnGpu = (gpu: number, view: RoomView, dtS: number): void => {
    const place = layout.gpus[gpu];
    const seen = view.gpus[gpu];
    const line = cores[gpu];
    if (place === undefined || seen === undefined || line === undefined) return;
    if (seen.doubt !== '' || seen.shutDown) return;
    const { coreC, powerW } = seen;
    const known = smooth[gpu] ?? { powerW, coreC };
    const weight = 1 - Math.exp(-dtS / settled.tauS);
    smooth[gpu] = {
      powerW: known.powerW + (powerW - known.powerW) * weight,
      coreC: known.coreC + (coreC - known.coreC) * weight,
    };
    const powerBound = Math.max(settled.powerW, settled.powerShare * powerW);
    const moves =
      Math.abs(powerW - known.powerW) > powerBound || Math.abs(coreC - known.coreC) > settled.coreK;
    if (moves || dtS > settled.tauS) return;
    const inletC = view.servers[place.server]?.inletC ?? 0;
    const next = observe(
      line,
      steadyRiseK(place.thermal, powerW),
      coreC - inletC - place.thermal.offsetK,
      core,
    );
    cores[gpu] = next;
    thermals[gpu] = fittedThermal(place.thermal, next);
  };

  return {
    inletBiasK: (server) =>
      (layout.servers[server]?.plan.placeBiasK ?? 0) + (inlets[server]?.a ?? 0),
    thermal: (gpu) => {
      const found = thermals[gpu];
      if (found === undefined) throw new RangeError(`no GPU ${gpu}`);
      return found;
    },
    serverPower: power.server,
    gpuPower: power.gpu,
    marginW: power.marginW,
    learn: (view, now, plantS, demand = new Map()) => {
      const dtS = plantS - lastS;
      if (dtS < everyS) return;
      lastS = plantS;
      layout.servers.forEach(({ plan, aisle }, server) => {
        const seen = view.servers[server];
        const line = inlets[server];
        if (seen === undefined || line === undefined || seen.doubt !== '') return;
        const model = (now.aisles.inletC[aisle] ?? 0) + plan.placeBiasK;
        inlets[server] = observe(line, 0, seen.inletC - model, inlet);
      });
      layout.gpus.forEach((_, gpu) => learnGpu(gpu, view, dtS));
      power.learn(view, now, Math.min(dtS, settled.tauS), demand);
    },
    marginK: (gpu) => {
      const line = cores[gpu];
      return line !== undefined && isDrifted(line) ? 2 * line.error : 0;
    },
    models: () => [
      ...layout.servers.flatMap(({ plan }, at) => {
        const of: LevelRef = { level: 'server', id: plan.id };
        return [
          modelOf(of, 'inlet', inlets[at], isDrifted),
          modelOf(of, 'server_power', power.serverLine(at), isPowerDrifted),
        ];
      }),
      ...layout.gpus.flatMap(({ id }, at) => {
        const of: LevelRef = { level: 'gpu', id };
        return [
          modelOf(of, 'core', cores[at], isDrifted),
          modelOf(of, 'gpu_power', power.gpuLine(at), isPowerDrifted),
        ];
      }),
    ],
  };
};

const isDrifted = ({ error, samples }: LineFit): boolean =>
  samples >= driftSamples && error > driftK;

const modelOf = (
  of: LevelRef,
  model: ModelFit['model'],
  line: LineFit | undefined,
  drifts: (line: LineFit) => boolean,
): ModelFit => ({
  ...{ of, model, error: line?.error ?? 0, samples: line?.samples ?? 0 },
  drifted: line !== undefined && drifts(line),
});

const fittedThermal = (thermal: GpuThermalParameters, { a, b }: LineFit): GpuThermalParameters => ({
  ...thermal,
  offsetK: thermal.offsetK + a,
  riseScale: thermal.riseScale * b,
});
