import type { ActuatorOptions } from './control/actuator.ts';
import type { CommandKeeper } from './control/command-keeper.ts';
import type { ConductorOptions } from './control/conductor.ts';
import type { EntryRateOptions } from './profiles/entry-rates.ts';
import type { VirtualRoomOptions } from './room/virtual-room.ts';
import type { ThermalSettings } from './settings.ts';
import type { IntakeBounds } from './telemetry/intake.ts';
import type { RoomIndex } from './topology/room-index.ts';

/** Seconds of plant time that pass in a second. */
export const timeScaleOf = ({ roomVirtual, timeScale }: ThermalSettings): number =>
  roomVirtual ? timeScale : 1;

/** A temperature that stands still is suspicious once the power has moved by this share of the rated one. */
const stuckPowerShare = 0.15;
/** Over which power is smoothed before it is compared, in plant seconds. */
const smoothS = 30;

export const intakeBounds = (
  settings: ThermalSettings,
  { layout, gpus }: RoomIndex,
): IntakeBounds => ({
  futureMsMax: settings.telemetryFutureMsMax,
  ageMsMax: settings.telemetryAgeMsMax,
  stuckMs: (settings.telemetryStuckS * 1000) / timeScaleOf(settings),
  smoothMs: (smoothS * 1000) / timeScaleOf(settings),
  sourceHoldMs: settings.telemetryStaleMs,
  stuckPowerW: (gpu) =>
    stuckPowerShare * (layout.gpus[gpus.get(gpu) ?? 0]?.kind.power.ratedW ?? Infinity),
  readingsPerSecondMax: settings.telemetryReadingsPerSecondMax,
  sourcesMax: settings.telemetrySourcesMax,
});

/** Undefined where the room is real. */
export const virtualOptions = (settings: ThermalSettings): VirtualRoomOptions | undefined =>
  settings.roomVirtual
    ? {
        ...{ timeScale: settings.timeScale, stepS: settings.roomStepS },
        ...{ stepsMax: settings.roomStepsMax, seed: settings.roomSeed },
        ...{ riseSpreadShare: settings.roomRiseSpread, restartAfterS: settings.roomRestartAfterS },
        ...{ mean: settings.opaqueMean, swing: settings.opaqueSwing },
      }
    : undefined;

/** Shortest time between two commands to one instance, in milliseconds. */
const commandIntervalMs = 250;

export const actuatorOptions = (
  settings: ThermalSettings,
  commands: CommandKeeper,
): ActuatorOptions => ({
  retriesMax: settings.commandRetriesMax,
  followMsMax: settings.commandMsMax,
  intervalMs: commandIntervalMs,
  isCommandedBefore: (instance, clockShare) =>
    settings.actuate && settings.leverReconfigure && commands.isCommanded(instance, clockShare),
  note: (instance, clockShare) => {
    commands.note(instance, clockShare);
    void commands.flush();
  },
});

/** A round takes a second of plant time, within its bounds, in milliseconds. */
export const roundMsOf = (settings: ThermalSettings): number =>
  Math.min(settings.roundMsMax, Math.max(settings.roundMsMin, 1000 / timeScaleOf(settings)));

/** A model follows a command at its next step; a real room and what is read of it take some seconds. */
const settleS = { virtual: 2, real: 5 };
/** By then an instance follows a command and has said so, in real seconds; and the least of it in the plant's. */
const follow = { realS: 2, plantSMin: 10 };

export const conductorOptions = (settings: ThermalSettings): ConductorOptions => ({
  levers: { reconfigure: settings.leverReconfigure, route: settings.leverRoute },
  isUniform: settings.emergencyPlan === 'uniform',
  isActing: settings.actuate,
  timeScale: timeScaleOf(settings),
  settleS: settings.roomVirtual ? settleS.virtual : settleS.real,
  followS: Math.max(follow.plantSMin, follow.realS * timeScaleOf(settings)),
});

/** The engines of a virtual room have no clocks of their own. */
export const rateOptions = (settings: ThermalSettings): EntryRateOptions => ({
  targets: { firstMs: settings.profileFirstMs, tokenMs: settings.profileTokenMs },
  isResting: settings.roomVirtual,
});
