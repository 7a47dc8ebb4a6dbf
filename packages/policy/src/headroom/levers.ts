/** The three ways by which heat and power are steered, each with its switch. */
export interface Levers {
  /** New instances are placed by what limits leave, else wherever there is a free GPU. */
  readonly place: boolean;
  /** Work is routed by headroom. */
  readonly route: boolean;
  /** Instances are reconfigured, and capped where that is not enough. */
  readonly reconfigure: boolean;
}
