import type { GpuPowerParameters, ServerParameters, StagePower } from '@isotherm/plant';

/**
 * A server whose plug draws `a` of its rated power and `b` times what its class does: all that is not its GPUs carries the offset,
 * the supplies the slope.
 */
export const fittedServer = (
  server: ServerParameters,
  { a, b }: { readonly a: number; readonly b: number },
  ratedW: number,
): ServerParameters => {
  const supplyEfficiency = server.supplyEfficiency / b;
  const offsetW = a * ratedW * supplyEfficiency;
  return {
    ...server,
    supplyEfficiency,
    baseIdleW: server.baseIdleW + offsetW,
    baseBusyW: server.baseBusyW + offsetW,
  };
};

/** A GPU whose work adds `factor` times as much to its idle power. */
export const fittedGpuPower = (power: GpuPowerParameters, factor: number): GpuPowerParameters => {
  // (s × rated − idle) × factor = (s' × rated − idle), and s is linear in all of its terms but for its bounds.
  const idleShare = ((factor - 1) * power.idleW) / power.ratedW;
  const scaled = (stage: StagePower): StagePower => ({
    ...stage,
    share: stage.share * factor - idleShare,
    perDoubledBatch: stage.perDoubledBatch * factor,
    perDoubledTensorParallel: stage.perDoubledTensorParallel * factor,
    perDoubledParameters: stage.perDoubledParameters * factor,
    perDoubledTotalParameters: stage.perDoubledTotalParameters * factor,
    lowPrecision: stage.lowPrecision * factor,
    shareMin: stage.shareMin * factor - idleShare,
    shareMax: stage.shareMax * factor - idleShare,
  });
  const { encode, prefill, decode, other } = power.stages;
  return {
    ...power,
    stages: {
      ...{ encode: scaled(encode), prefill: scaled(prefill) },
      ...{ decode: scaled(decode), other: scaled(other) },
    },
  };
};
