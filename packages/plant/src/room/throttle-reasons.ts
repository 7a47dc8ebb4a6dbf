/** Why clocks are lower than they could be: the bits and names of NVML's clock event reasons. */
export const throttleReasons = {
  GpuIdle: 0x1,
  ApplicationsClocksSetting: 0x2,
  SwPowerCap: 0x4,
  HwSlowdown: 0x8,
  SwThermalSlowdown: 0x20,
  HwThermalSlowdown: 0x40,
  HwPowerBrakeSlowdown: 0x80,
} as const;

export type ThrottleReason = keyof typeof throttleReasons;

const names = Object.keys(throttleReasons) as readonly ThrottleReason[];

/** The names of a mask, lowest bit first. */
export const throttleReasonsOf = (mask: number): readonly ThrottleReason[] =>
  names.filter((name) => (mask & throttleReasons[name]) !== 0);

/** Clocks lowered by heat: of core or memory. */
export const thermalReasons = throttleReasons.SwThermalSlowdown | throttleReasons.HwThermalSlowdown;
