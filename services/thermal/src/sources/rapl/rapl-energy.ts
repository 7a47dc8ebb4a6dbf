/** A counter of energy that begins anew at its range, as /sys/class/powercap/intel-rapl:N/energy_uj does. */
export interface EnergyCounter {
  /** Energy since the last look in joules; undefined at the first, and where a counter cannot be believed. */
  since(domain: string, microjoules: number, rangeMicrojoules: number): number | undefined;
}

export const createEnergyCounter = (): EnergyCounter => {
  const last = new Map<string, number>();
  return {
    since: (domain, microjoules, rangeMicrojoules) => {
      if (!Number.isFinite(microjoules) || microjoules < 0) return undefined;
      const before = last.get(domain);
      last.set(domain, microjoules);
      if (before === undefined) return undefined;
      if (microjoules >= before) return (microjoules - before) / 1e6;
      // It went around once: at a range of 262 kJ that takes ten minutes at 400 W, far longer than from look to look.
      const around = rangeMicrojoules - before + microjoules;
      return Number.isFinite(around) && around >= 0 ? around / 1e6 : undefined;
    },
  };
};
