import type { Clock, ModelProfile } from '@isotherm/kernel';
import type { Fabric } from '@isotherm/lanes';
import { type Ratings, ratingsOf } from '@isotherm/plant';
import type { Logger } from '@isotherm/runtime';
import { type Actuator, createActuator, type WantedConfiguration } from './control/actuator.ts';
import { type CommandKeeper, commandKey, createCommandKeeper } from './control/command-keeper.ts';
import { type Conductor, createConductor, type DecidedAction } from './control/conductor.ts';
import { steerOwnGpus } from './control/own-gpus.ts';
import { createPlaceDesk, type PlaceDesk } from './control/place-desk.ts';
import type { EmergencyBook } from './emergency/emergency-book.ts';
import {
  createEmergencyKeeper,
  emergencyKey,
  type EmergencyKeeper,
} from './emergency/emergency-keeper.ts';
import { createRoomEstimate, type RoomEstimate } from './estimate/room-estimate.ts';
import { defaultViewBounds } from './estimate/room-view.ts';
import { createRoomFit, type RoomFit } from './fit/room-fit.ts';
import type { WatchedHub } from './headroom/headroom-hub.ts';
import { defaultHeadroomSettings, type InstanceHeadroom } from './headroom/instance-headroom.ts';
import { createRecorder, type Recorder } from './history/recorder.ts';
import type { HistoryStore } from './history/store.ts';
import { demandOf } from './instances/demand.ts';
import type { PlacedInstance } from './instances/instance-book.ts';
import {
  actuatorOptions,
  conductorOptions,
  intakeBounds,
  rateOptions,
  roundMsOf,
  virtualOptions,
} from './keeper-settings.ts';
import { createThermalMetrics, type ThermalMetrics } from './metrics/thermal-metrics.ts';
import { createProfileBook } from './profiles/profile-book.ts';
import { grantedClockShare } from './room/granted-clock.ts';
import { createRoomRunner, type RoomRunner } from './room/room-runner.ts';
import type { VirtualRoom } from './room/virtual-room.ts';
import { createPacer } from './round/pacer.ts';
import { createRounds, type Round } from './round/round.ts';
import type { ThermalSettings } from './settings.ts';
import { createTelemetryBook, type TelemetryBook } from './telemetry/book.ts';
import { createTelemetryIntake, type TelemetryIntake } from './telemetry/intake.ts';
import type { RoomFile } from './topology/room-file.ts';
import type { RoomIndex } from './topology/room-index.ts';

export interface KeeperParts {
  readonly room: RoomFile;
  readonly index: RoomIndex;
  readonly fabric: Fabric;
  readonly clock: Clock;
  readonly hub: WatchedHub;
  readonly history: HistoryStore;
  readonly logger: Logger;
  readonly instances: () => readonly PlacedInstance[];
  /** What stages of models take and draw; absent: nothing is known. */
  readonly profiles?: readonly ModelProfile[];
}

/** Keeps the room: steps it where it is virtual, looks at it round by round, decides, and tells who watches. */
export interface Keeper {
  readonly book: TelemetryBook;
  readonly intake: TelemetryIntake;
  readonly emergencies: EmergencyBook;
  readonly estimate: RoomEstimate;
  readonly ratings: Ratings;
  /** Emergencies are to be written down whenever they are others. */
  readonly kept: EmergencyKeeper;
  readonly commands: CommandKeeper;
  readonly recorder: Recorder;
  readonly places: PlaceDesk;
  readonly metrics: ThermalMetrics;
  readonly runner: RoomRunner;
  readonly actuator: Actuator;
  readonly conductor: Conductor;
  readonly fit: RoomFit;
  isEmergency(): boolean;
  latest(): Round;
  roundP99Ms(): number;
  start(): void;
  round(): Round;
  /** A round as soon as may be: something has happened. */
  runSoon(): void;
  close(): Promise<void>;
}

export const createKeeper = (parts: KeeperParts, settings: ThermalSettings): Keeper => {
  const { index, clock } = parts;
  const book = createTelemetryBook(index.levels);
  const intake = createTelemetryIntake(book, intakeBounds(settings, index), clock);
  const runner = createRoomRunner({ ...parts, intake }, virtualOptions(settings));
  const { virtual, emergencies, plantS } = runner;
  const fit = createRoomFit(index);
  const estimate = createRoomEstimate(index, fit, virtual?.outsideC ?? 20);
  const ratings = ratingsOf(index.layout);
  const commandsKey = commandKey(settings.redisPrefix, index.plan.name);
  const commands = createCommandKeeper(commandsKey, parts.history, parts.logger);
  const profileBook = createProfileBook(parts.profiles ?? [], rateOptions(settings));
  const conductor = createConductor(
    { ratings, book: profileBook, commands, heard: decidedLog(parts.logger) },
    conductorOptions(settings),
  );
  const run = createRounds(
    {
      ...{ ...parts, ratings, book, estimate, emergencies, plantS },
      ...{ marginK: fit.marginK, marginW: fit.marginW },
      toCome: (instances, atS) => conductor.toCome(instances, index.layout, atS),
      outsideIsVirtual: virtual !== undefined,
    },
    { ...defaultViewBounds, staleMs: settings.telemetryStaleMs },
    { ...defaultHeadroomSettings, routeHorizonS: settings.routeHorizonS },
  );
  const own = actuatorOptions(settings, commands);
  const actuator = createActuator(parts.fabric, own, clock, parts.logger);
  const places = createPlaceDesk(
    {
      ...{ estimate, ratings, nowMs: () => clock.nowMs() },
      heardRefusal: (stage, why) => parts.logger.warn({ stage, why }, 'no place'),
    },
    { heldMs: settings.heldPlaceMs, levers: { place: settings.leverPlace } },
  );
  const kept = createEmergencyKeeper(emergencyKey(settings.redisPrefix, index.plan.name), {
    ...{ book: emergencies, store: parts.history, index, logger: parts.logger },
  });
  const history = keepHistory(parts, intake, settings, async () => {
    commands.keepOnly(new Set(parts.instances().map(({ record }) => record.id)));
    await Promise.all([kept.flush(), commands.flush()]);
  });
  let latest: Round | undefined;
  const metrics = createThermalMetrics({
    ...{ latest: () => latest, sources: () => intake.sources() },
    ...{ throttleEvents: runner.throttleEvents, emergencies: () => emergencies.active() },
    placesRefused: () => places.refused,
    ...{ commands: () => actuator.counts, watchers: () => parts.hub.watchers },
    ...{ slippedS: () => virtual?.slippedS ?? 0, isVirtual: virtual !== undefined },
    models: fit.models,
  });

  const steerGpus = steerOwnGpus(settings, index, conductor, clock, parts.logger);
  const isEmergency = (): boolean => emergencies.active().length > 0;
  const round = (): Round => {
    const clockShareOf = (id: string): number => conductor.wantedOf(id).clockShare ?? 1;
    const demand = demandOf(parts.instances(), index.layout, clockShareOf);
    runner.step(demand, conductor.limitsW());
    const found = run();
    fit.learn(found.view, found.now, found.plantS, demand);
    latest = found;
    conductor.decide(found, isEmergency());
    actuate(actuator, found.instances, conductor, virtual);
    steerGpus(found.instances);
    const headroom = found.headroom.map((each) => told(each, conductor, settings.leverRoute));
    parts.hub.publish(headroom, found.atMs);
    return found;
  };
  const pacer = createPacer(
    round,
    {
      intervalMs: roundMsOf(settings),
      took: (ms) => metrics.observeRound(ms / 1000),
      failed: (error) => {
        metrics.countFailedRound();
        parts.logger.error({ err: error }, 'round failed');
      },
    },
    clock,
  );
  return {
    ...{ book, intake, emergencies, estimate, ratings, places, metrics, runner, round },
    ...{ actuator, conductor, fit, isEmergency, kept, commands },
    recorder: history.recorder,
    latest: () => latest ?? round(),
    roundP99Ms: pacer.p99Ms,
    start: pacer.start,
    runSoon: pacer.soon,
    close: async () => {
      pacer.close();
      await actuator.close();
      await history.close();
    },
  };
};

const decidedLog =
  (logger: Logger) =>
  ({ action, done }: DecidedAction): void => {
    const { kind, instance, reason, costS, effect } = action;
    const to = action.kind === 'reconfigure' ? action.to : '';
    logger.info({ kind, instance, to, reason, costS, powerW: effect.powerW, done }, 'decided');
  };

/** Records what counts, and writes it down now and then. */
const keepHistory = (
  { index, history: store, clock, logger }: KeeperParts,
  intake: TelemetryIntake,
  settings: ThermalSettings,
  flushRest: () => Promise<void>,
) => {
  const { redisPrefix: prefix, historySeriesMax: seriesMax } = settings;
  const options = { prefix, seriesMax, nowMs: () => clock.nowMs() };
  const recorder = createRecorder(index.levels, store, options);
  intake.listen((reading) => recorder.hear(reading));
  const flush = async (): Promise<void> => {
    await flushRest();
    await recorder.flush().catch((error: unknown) => {
      logger.warn({ err: error }, 'history not written');
    });
  };
  const timer = setInterval(() => void flush(), settings.historyFlushMs);
  timer.unref();
  return {
    recorder,
    close: (): Promise<void> => {
      clearInterval(timer);
      return flush();
    },
  };
};

/** What was commanded, and what the hardware of a virtual room leaves of it. */
const actuate = (
  actuator: Actuator,
  instances: readonly PlacedInstance[],
  conductor: Conductor,
  virtual: VirtualRoom | undefined,
): void => {
  const wanted = new Map<string, WantedConfiguration>();
  for (const instance of instances) {
    const { id } = instance.record;
    const own = conductor.wantedOf(id);
    const granted = virtual === undefined ? undefined : grantedClockShare(virtual.state, instance);
    wanted.set(id, { ...own, clockShare: Math.min(own.clockShare ?? 1, granted ?? 1) });
  }
  actuator.reconcile(instances, wanted);
};

/**
 * What watchers hear: nothing is left to who is to get no work. With the route lever off all look idle and cool.
 */
const told = (
  headroom: InstanceHeadroom,
  conductor: Pick<Conductor, 'isStopped'>,
  leverRoute: boolean,
): InstanceHeadroom => {
  if (!leverRoute) {
    const open = { powerShare: 1, coreShare: 1, memoryShare: 1, conservative: false };
    return { ...headroom, ...open, reason: 'the route lever is off' };
  }
  if (!conductor.isStopped(headroom.instanceId)) return headroom;
  const none = { powerShare: 0, coreShare: 0, memoryShare: 0 };
  return { ...headroom, ...none, reason: 'gets no work in an emergency' };
};
