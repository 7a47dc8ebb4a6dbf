import { exponential } from '@isotherm/kernel';

/** A point of the steady rise of a core above its inlet, by its power. */
export interface RisePoint {
  readonly powerW: number;
  readonly riseK: number;
}

/**
 * How a GPU warms: inlet → heat sink (tens of seconds) → core (a second), and its memory (HBM) on the same heat
 * sink. All of it is data, so that an online fit can put a GPU's own figures in its place.
 */
export interface GpuThermalParameters {
  /** How much warmer than its inlet the core is at no power: the heat of what stands in front of it. */
  readonly offsetK: number;
  /** Steady rise by power, piecewise linear, never falling; beyond its last point it goes on straight. */
  readonly rise: readonly RisePoint[];
  /** This GPU's rise ÷ its class's. */
  readonly riseScale: number;
  /** The part of the rise between core and heat sink; the rest is between heat sink and inlet. */
  readonly fastShare: number;
  readonly fastTauS: number;
  readonly slowTauS: number;
  readonly memory: MemoryThermalParameters;
}

/** Assumed in all its figures: no public series of HBM temperatures is known. */
export interface MemoryThermalParameters {
  /** Above the heat sink at no power. */
  readonly offsetK: number;
  /** Rise above the heat sink by the power that goes into the memory. */
  readonly riseKPerW: number;
  readonly tauS: number;
}

/** What a GPU remembers of the heat it had. */
export interface GpuNodes {
  readonly sinkC: number;
  /** Core above heat sink. */
  readonly fastK: number;
  /** Memory above heat sink, less its offset. */
  readonly memoryK: number;
}

export interface GpuHeat {
  readonly inletC: number;
  readonly powerW: number;
  /** The part of the power that goes into the memory: `memoryPowerW` says how much. */
  readonly memoryPowerW: number;
  /** What faster fans leave of the heat sink's resistance: 1 where absent. */
  readonly sinkResistanceShare?: number | undefined;
}

export interface GpuTemperatures {
  readonly coreC: number;
  readonly memoryC: number;
}

export const steadyRiseK = (parameters: GpuThermalParameters, powerW: number): number =>
  parameters.riseScale * interpolate(parameters.rise, powerW);

/** Where the nodes settle. */
export const steadyNodes = (parameters: GpuThermalParameters, heat: GpuHeat): GpuNodes => {
  const riseK = steadyRiseK(parameters, heat.powerW);
  const sinkK = (1 - parameters.fastShare) * riseK * (heat.sinkResistanceShare ?? 1);
  return {
    sinkC: heat.inletC + parameters.offsetK + sinkK,
    fastK: parameters.fastShare * riseK,
    memoryK: parameters.memory.riseKPerW * heat.memoryPowerW,
  };
};

/** The nodes after `horizonS` at constant power and inlet: exact, however long the step. */
export const predictNodes = (
  parameters: GpuThermalParameters,
  nodes: GpuNodes,
  heat: GpuHeat,
  horizonS: number,
): GpuNodes => {
  const target = steadyNodes(parameters, heat);
  return {
    sinkC: relaxed(nodes.sinkC, target.sinkC, horizonS, parameters.slowTauS),
    fastK: relaxed(nodes.fastK, target.fastK, horizonS, parameters.fastTauS),
    memoryK: relaxed(nodes.memoryK, target.memoryK, horizonS, parameters.memory.tauS),
  };
};

export const temperaturesOf = (
  parameters: GpuThermalParameters,
  nodes: GpuNodes,
): GpuTemperatures => ({
  coreC: nodes.sinkC + nodes.fastK,
  memoryC: nodes.sinkC + parameters.memory.offsetK + nodes.memoryK,
});

/**
 * The nodes behind measured temperatures: the core is above its heat sink by what its power makes. Without a reading
 * of the memory it is taken to have settled.
 */
export const nodesBehind = (
  parameters: GpuThermalParameters,
  heat: GpuHeat,
  measured: { readonly coreC: number; readonly memoryC?: number | undefined },
): GpuNodes => {
  const { fastK, memoryK: settledK } = steadyNodes(parameters, heat);
  const sinkC = measured.coreC - fastK;
  const memoryK =
    measured.memoryC === undefined
      ? settledK
      : measured.memoryC - sinkC - parameters.memory.offsetK;
  return { sinkC, fastK, memoryK };
};

/** Core and memory after `horizonS` at constant power and inlet. */
export const predictGpu = (
  parameters: GpuThermalParameters,
  nodes: GpuNodes,
  heat: GpuHeat,
  horizonS: number,
): GpuTemperatures => temperaturesOf(parameters, predictNodes(parameters, nodes, heat, horizonS));

/** Core and memory when all has settled. */
export const steadyGpu = (parameters: GpuThermalParameters, heat: GpuHeat): GpuTemperatures =>
  temperaturesOf(parameters, steadyNodes(parameters, heat));

/**
 * The most constant power with which the core is no warmer than `limitC` in `horizonS` (Infinity: ever). 0 where
 * even no power is too much.
 */
export const maxPowerForTemperature = (
  parameters: GpuThermalParameters,
  nodes: GpuNodes,
  bound: { readonly inletC: number; readonly limitC: number; readonly horizonS: number },
): number => {
  const fastLeft = exponential(-bound.horizonS / parameters.fastTauS);
  const slowLeft = exponential(-bound.horizonS / parameters.slowTauS);
  const baseC = bound.inletC + parameters.offsetK;
  const keptC = nodes.fastK * fastLeft + baseC + (nodes.sinkC - baseC) * slowLeft;
  const weight =
    parameters.fastShare * (1 - fastLeft) + (1 - parameters.fastShare) * (1 - slowLeft);
  const roomK = bound.limitC - keptC;
  if (weight <= 0) return roomK < 0 ? 0 : Infinity;
  return powerForRise(parameters, roomK / weight);
};

/** The inverse of `steadyRiseK`: the power whose rise this is, 0 where the rise is below that of no power. */
export const powerForRise = (parameters: GpuThermalParameters, riseK: number): number => {
  const wantedK = riseK / parameters.riseScale;
  const { rise } = parameters;
  const first = rise[0];
  if (first === undefined || wantedK < first.riseK) return 0;
  for (let index = 1; index < rise.length; index += 1) {
    const [below, above] = [rise[index - 1], rise[index]];
    if (below === undefined || above === undefined) break;
    const isLast = index === rise.length - 1;
    if (wantedK > above.riseK && !isLast) continue;
    const slope = (above.riseK - below.riseK) / (above.powerW - below.powerW);
    if (slope <= 0) return isLast ? Infinity : above.powerW;
    return below.powerW + (wantedK - below.riseK) / slope;
  }
  return Infinity;
};

/** Exact for a constant target. */
export const relaxed = (value: number, target: number, dtS: number, tauS: number): number =>
  target + (value - target) * exponential(-dtS / tauS);

const interpolate = (rise: readonly RisePoint[], powerW: number): number => {
  let below = rise[0];
  if (below === undefined) return 0;
  let slope = 0;
  for (let index = 1; index < rise.length; index += 1) {
    const point = rise[index];
    if (point === undefined) break;
    slope = (point.riseK - below.riseK) / (point.powerW - below.powerW);
    if (powerW <= point.powerW || index === rise.length - 1) break;
    below = point;
  }
  return below.riseK + slope * (Math.max(powerW, 0) - below.powerW);
};
