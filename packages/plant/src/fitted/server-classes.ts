import type { ServerParameters } from '../predict/server-power.ts';
import type { GpuClass } from './gpu-class.ts';
import { gpuClasses, type GpuClassName } from './gpu-classes.ts';

/** A kind of server, by the `kind` of room plans. */
export interface ServerClass {
  readonly gpu: GpuClassName;
  /** One entry a GPU: how much warmer than the class it is where it sits. Assumed, but see `h100-sxm`: 6 K apart. */
  readonly gpuBiasK: readonly number[];
  readonly server: ServerParameters;
}

/** 1 CFM in m³/s. */
const cfmM3s = 0.000_471_947;

/** Assumed: exponent of resistance, times, and inlet of an emergency stop. */
const fansOf = (
  airflowMaxM3s: number,
  powerMaxW: number,
  speedMinShare: number,
): ServerParameters['fans'] => ({
  ...{ airflowMaxM3s, powerMaxW, speedMinShare },
  ...{ speedBusyShare: 0.8, resistanceExponent: -0.6, tauS: 4 },
});

/** Assumed for two-GPU servers: a general server's other parts; fans by public figures of fan against server power. */
const twoGpus = (gpu: GpuClassName): ServerClass => ({
  ...{ gpu, gpuBiasK: [-1, 1] },
  server: {
    ...{ baseIdleW: 180, baseBusyW: 420, supplyEfficiency: 0.94, inletShutdownC: 55 },
    fans: fansOf(0.1, 210, 0.45),
  },
});

/** Front to back, in pairs: those behind breathe what those in front have warmed. Assumed but for the spread. */
const eightGpuBiasK = [-3, -3, -1, -1, 1, 1, 3, 3] as const;

export const serverClasses = {
  // NVIDIA's user guide: 10.2 kW at most, 1105 CFM at 80 % of the fans' speed. Fan power and the split between
  // GPUs and the rest assumed: fans 10 % of the server at 80 %, by public figures of fan against server power.
  'dgx-h100': {
    ...{ gpu: 'h100-sxm', gpuBiasK: eightGpuBiasK },
    server: {
      ...{ baseIdleW: 1_300, baseBusyW: 2_600, supplyEfficiency: 0.94, inletShutdownC: 55 },
      fans: fansOf((1_105 * cfmM3s) / 0.8, 1_950, 0.4),
    },
  },
  // 6.5 kW at most and 840 CFM at 80 %: assumed, as is the rest.
  'dgx-a100': {
    ...{ gpu: 'a100-sxm', gpuBiasK: eightGpuBiasK },
    server: {
      ...{ baseIdleW: 1_000, baseBusyW: 2_000, supplyEfficiency: 0.94, inletShutdownC: 55 },
      fans: fansOf((840 * cfmM3s) / 0.8, 1_250, 0.4),
    },
  },
  'a40-2': twoGpus('a40'),
  'a100-pcie-2': twoGpus('a100-pcie'),
  'h100-pcie-2': twoGpus('h100-pcie'),
  'rtx-6000-ada-2': twoGpus('rtx-6000-ada'),
} as const satisfies Readonly<Record<string, ServerClass>>;

export type ServerKind = keyof typeof serverClasses;

/** Undefined for a kind that is not known. */
export const serverClassOf = (kind: string): ServerClass | undefined =>
  Object.hasOwn(serverClasses, kind) ? serverClasses[kind as ServerKind] : undefined;

export const gpuClassOf = ({ gpu }: ServerClass): GpuClass => gpuClasses[gpu];

/** What a server of this kind draws when every GPU draws its rated power. */
export const ratedGpusW = (kind: ServerClass): number =>
  gpuClassOf(kind).power.ratedW * kind.gpuBiasK.length;
