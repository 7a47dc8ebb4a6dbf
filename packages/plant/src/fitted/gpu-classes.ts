import type { RisePoint } from '../predict/gpu-temperature.ts';
import { fittedTemperatures } from './fitted-temperatures.ts';
import type { GpuClass } from './gpu-class.ts';
import { stagePower } from './stage-power.ts';

/**
 * Assumed: the air that the servers breathed whose temperatures were fitted, and those of the SXM measurements. It
 * was not recorded, so a fitted base is an inlet and an offset that cannot be told apart.
 */
export const assumedFitInletC = 22;

/**
 * Split and times of the two nodes: H100 SXM, public 4 Hz series of power and temperature (about a third of the
 * resistance follows within a second or two, the rest in tens of seconds). Assumed for the other classes.
 */
const nodes = { fastShare: 1 / 3, fastTauS: 0.8, slowTauS: 30 };

const line = (kPerW: number): readonly RisePoint[] => [
  { powerW: 0, riseK: 0 },
  { powerW: 1000, riseK: 1000 * kPerW },
];

/** Assumed: chosen so that decode makes the memory 10 K warmer than the core at its usual power, prefill hardly. */
const memoryOf = (kPerW: number): GpuClass['thermal']['memory'] => ({
  offsetK: 2,
  riseKPerW: 2 * kPerW,
  tauS: 6,
});

const thermalOf = (
  offsetK: number,
  rise: readonly RisePoint[],
  kPerW: number,
): GpuClass['thermal'] => ({
  ...{ offsetK, rise, riseScale: 1, ...nodes },
  memory: memoryOf(kPerW),
});

const powerOf = (ratedW: number, idleW: number): GpuClass['power'] => ({
  ...{ ratedW, idleW, stages: stagePower },
  // Assumed, both.
  ...{ idleMemoryShare: 0.3, voltageMinShare: 0.65 },
});

const fitted = (name: keyof typeof fittedTemperatures): GpuClass['thermal'] => {
  const { baseC, rise } = fittedTemperatures[name];
  const last = rise.at(-1);
  const kPerW = last === undefined ? 0 : last.riseK / last.powerW;
  return thermalOf(baseC - assumedFitInletC, rise, kPerW);
};

/** Assumed where a datasheet does not say it: 15 % is about 300 of 1,980 MHz. */
const clockMinShare = 0.15;

export const gpuClasses = {
  // Power: datasheet. Limits: `nvidia-smi -q` of one machine (87 operating, 89 slowdown, 95 shutdown). Rise 0.050 to
  // 0.052 K/W over a base of 26 to 32 °C, by place in the server: public series at 119 to 377 W. Memory limit assumed.
  'h100-sxm': {
    thermal: thermalOf(7, line(0.051), 0.051),
    power: powerOf(700, 72),
    limits: { operatingMaxC: 87, slowdownC: 89, shutdownC: 95, memoryMaxC: 95, clockMinShare },
  },
  // Decode at 330 W: 54 °C (the same kind of series), from which the slope with an assumed base of 28 °C. Limits: the
  // driver's documented example (92 shutdown, 87 slowdown, 83 operating). Memory limit assumed.
  'a100-sxm': {
    thermal: thermalOf(6, line(0.079), 0.079),
    power: powerOf(400, 55),
    limits: { operatingMaxC: 83, slowdownC: 87, shutdownC: 92, memoryMaxC: 95, clockMinShare },
  },
  // The four below: temperature fitted. Limits assumed, but for the A100's 85 °C or so, where its data flatten.
  'a100-pcie': {
    thermal: fitted('a100'),
    power: powerOf(300, 45),
    limits: { operatingMaxC: 85, slowdownC: 89, shutdownC: 92, memoryMaxC: 95, clockMinShare },
  },
  'h100-pcie': {
    thermal: fitted('h100'),
    power: powerOf(350, 48),
    limits: { operatingMaxC: 85, slowdownC: 89, shutdownC: 95, memoryMaxC: 95, clockMinShare },
  },
  a40: {
    thermal: fitted('a40'),
    power: powerOf(300, 26),
    limits: { operatingMaxC: 88, slowdownC: 92, shutdownC: 95, memoryMaxC: 100, clockMinShare },
  },
  'rtx-6000-ada': {
    thermal: fitted('rtx6000ada'),
    power: powerOf(300, 26),
    limits: { operatingMaxC: 88, slowdownC: 92, shutdownC: 95, memoryMaxC: 100, clockMinShare },
  },
} as const satisfies Readonly<Record<string, GpuClass>>;

export type GpuClassName = keyof typeof gpuClasses;
