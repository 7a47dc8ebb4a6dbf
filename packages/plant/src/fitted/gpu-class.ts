import type { GpuPowerParameters } from '../predict/gpu-power.ts';
import type { GpuThermalParameters } from '../predict/gpu-temperature.ts';

/** Where a GPU's own protection steps in, in °C. */
export interface GpuLimits {
  /** Clocks are lowered step by step (`SwThermalSlowdown`). */
  readonly operatingMaxC: number;
  /** Clocks are halved at once (`HwThermalSlowdown`). */
  readonly slowdownC: number;
  readonly shutdownC: number;
  /** The same as the first for its memory. */
  readonly memoryMaxC: number;
  /** The lowest clock ÷ the highest. */
  readonly clockMinShare: number;
}

/** A kind of GPU: what it draws, how it warms, where it stops. */
export interface GpuClass {
  readonly thermal: GpuThermalParameters;
  readonly power: GpuPowerParameters;
  readonly limits: GpuLimits;
}
