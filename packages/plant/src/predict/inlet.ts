/**
 * What a server breathes, by the weather, the room's load and its place. The shape (flat while it is cold outside,
 * then rising, then rising less) and all figures are assumed.
 */
export interface InletParameters {
  /** Supply at an idle room and a cold outside. */
  readonly setpointC: number;
  /** Below it the weather does not matter. */
  readonly mildC: number;
  /** Above it mechanical cooling takes over and the supply rises less. */
  readonly hotC: number;
  /** Kelvin of supply a kelvin outside, between the two and above them. */
  readonly mildKPerK: number;
  readonly hotKPerK: number;
  /** Added by a room at its full load. */
  readonly loadK: number;
  /** Added where this server stands. */
  readonly placeBiasK: number;
}

export const assumedInlet: InletParameters = {
  setpointC: 20,
  mildC: 15,
  hotC: 25,
  mildKPerK: 0.4,
  hotKPerK: 0.2,
  loadK: 2,
  placeBiasK: 0,
};

/** What the weather and the load ask of the coolers; it is supplied as long as airflow and coils suffice. */
export const predictInletC = (
  parameters: InletParameters,
  { outsideC, loadShare }: { readonly outsideC: number; readonly loadShare: number },
): number => {
  const { mildC, hotC } = parameters;
  const mildK = Math.min(Math.max(outsideC - mildC, 0), hotC - mildC);
  const hotK = Math.max(outsideC - hotC, 0);
  const weatherK = mildK * parameters.mildKPerK + hotK * parameters.hotKPerK;
  const loadK = Math.min(1, Math.max(0, loadShare)) * parameters.loadK;
  return parameters.setpointC + weatherK + loadK + parameters.placeBiasK;
};

/**
 * The inlet where an aisle supplies less air than its servers move: the rest is their own exhaust. Of
 * two-sided use: the plant steps with it, and a predictor asks it what one more watt does.
 */
export const recirculatedInletC = (input: {
  readonly supplyC: number;
  readonly returnC: number;
  readonly airflowDemandedM3s: number;
  readonly airflowSuppliedM3s: number;
}): number => {
  const { supplyC, returnC, airflowDemandedM3s, airflowSuppliedM3s } = input;
  if (airflowDemandedM3s <= airflowSuppliedM3s) return supplyC;
  const share = Math.max(0, airflowSuppliedM3s / airflowDemandedM3s);
  return share * supplyC + (1 - share) * returnC;
};
