import { power } from '@isotherm/kernel';

/** A server around its GPUs: its other parts, its fans and its power supplies. */
export interface ServerParameters {
  /** Processors, memory, switches and disks, idle and with all GPUs at their rated power. */
  readonly baseIdleW: number;
  readonly baseBusyW: number;
  /** Power out ÷ power in. */
  readonly supplyEfficiency: number;
  readonly fans: FanParameters;
  /** Air warmer than this and the server's controller switches it off. */
  readonly inletShutdownC: number;
}

export interface FanParameters {
  /** At full speed: flow goes with the speed, power with its cube. */
  readonly airflowMaxM3s: number;
  readonly powerMaxW: number;
  readonly speedMinShare: number;
  /** Speed at which the GPUs' rated power is carried away; more only when a GPU is hot. */
  readonly speedBusyShare: number;
  /** Assumed: the heat sinks' resistance goes with the speed to this power, negative. */
  readonly resistanceExponent: number;
  /** Assumed: fans follow what is asked of them with this time constant. */
  readonly tauS: number;
}

/** The speed that fans go to by load alone: `loadShare` is the GPUs' power ÷ their rated power. */
export const loadFanSpeed = (fans: FanParameters, loadShare: number): number => {
  const share = Math.min(1, Math.max(0, loadShare));
  return fans.speedMinShare + (fans.speedBusyShare - fans.speedMinShare) * share;
};

/** A GPU this close to where it would slow down makes the fans go faster than the load asks. */
export const fanBoostBandK = 8;

/** The speed that fans go to: by load, and up to full as the hottest GPU nears its limit. */
export const targetFanSpeed = (
  fans: FanParameters,
  loadShare: number,
  /** How far the hottest GPU is below where it slows down. */
  marginK: number,
): number => {
  const byLoad = loadFanSpeed(fans, loadShare);
  const boost = Math.min(1, Math.max(0, 1 - marginK / fanBoostBandK));
  return byLoad + (1 - byLoad) * boost;
};

export const fanPowerW = (fans: FanParameters, speedShare: number): number =>
  fans.powerMaxW * speedShare * speedShare * speedShare;

export const fanAirflowM3s = (fans: FanParameters, speedShare: number): number =>
  fans.airflowMaxM3s * speedShare;

/** What faster fans than the load asks for leave of a heat sink's resistance. */
export const fanResistanceShare = (
  fans: FanParameters,
  speedShare: number,
  loadShare: number,
): number => {
  const byLoad = loadFanSpeed(fans, loadShare);
  if (speedShare <= byLoad) return 1;
  return power(speedShare / byLoad, fans.resistanceExponent);
};

/** What a server draws from its row, all of which becomes heat. */
export const predictServerPowerW = (
  server: ServerParameters,
  load: {
    readonly gpusW: number;
    /** The GPUs' power ÷ their rated power. */
    readonly loadShare: number;
    readonly fanSpeedShare: number;
  },
): number => {
  const share = Math.min(1, Math.max(0, load.loadShare));
  const baseW = server.baseIdleW + (server.baseBusyW - server.baseIdleW) * share;
  return (
    (load.gpusW + baseW + fanPowerW(server.fans, load.fanSpeedShare)) / server.supplyEfficiency
  );
};

/** A server's steady power by its GPUs' power, with fans that follow the load. */
export const steadyServerPowerW = (
  server: ServerParameters,
  gpusW: number,
  gpusRatedW: number,
): number => {
  const loadShare = gpusRatedW > 0 ? gpusW / gpusRatedW : 0;
  const fanSpeedShare = loadFanSpeed(server.fans, loadShare);
  return predictServerPowerW(server, { gpusW, loadShare, fanSpeedShare });
};
