import type { Clock } from '@isotherm/kernel';
import type { ThermalGetStatusResponseInput } from '@isotherm/proto';
import type { Logger } from '@isotherm/runtime';
import type { WatchedHub } from '../headroom/headroom-hub.ts';
import type { Keeper } from '../keeper.ts';
import { timeScaleOf } from '../keeper-settings.ts';
import type { ThermalSettings } from '../settings.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import { emergencyCalls } from './emergency-calls.ts';
import { readHistory } from './history-call.ts';
import { levelMessage } from './level-messages.ts';
import { actionMessage, makePlan } from './plan-call.ts';
import { emergencyMessage, roomMessage } from './room-messages.ts';
import { sourceMessage } from './status-messages.ts';
import { reportTelemetry } from './telemetry-calls.ts';
import type { ThermalCalls } from './thermal-service.ts';
import { watchHeadroom } from './watch-call.ts';
import { predictWhatIf } from './what-if.ts';

export interface CallParts {
  readonly thermalId: string;
  readonly settings: ThermalSettings;
  readonly keeper: Keeper;
  readonly index: RoomIndex;
  readonly hub: WatchedHub;
  readonly clock: Clock;
  /** Ends of the streams that are open. */
  readonly open: Set<() => void>;
  readonly logger: Logger;
  state(): string;
}

/** The calls over one room. */
export const thermalCalls = (parts: CallParts): ThermalCalls => {
  const { settings, keeper, index, clock } = parts;
  const timeScale = timeScaleOf(settings);
  const emergency = emergencyCalls(keeper.emergencies, index, () => {
    keeper.runSoon();
    void keeper.kept.flush();
  });
  return {
    report: reportTelemetry(keeper.intake, () => clock.nowMs()),
    watch: watchHeadroom(parts.hub, timeScale, parts.open, parts.logger),
    ...{ declare: emergency.declare, clear: emergency.clear },
    room: () =>
      roomMessage(keeper.latest(), {
        ...{ kind: settings.roomVirtual ? 'virtual' : 'real', timeScale },
        emergencies: keeper.emergencies.active(),
        throttleEvents: keeper.runner.throttleEvents(),
      }),
    whatIf: (request) =>
      predictWhatIf(request, {
        ...{ round: keeper.latest(), estimate: keeper.estimate, ratings: keeper.ratings },
        ...{ book: keeper.book, active: keeper.emergencies.active() },
        staleMs: settings.telemetryStaleMs,
      }),
    plan: (request) => makePlan(request, keeper),
    history: (request) => readHistory(request, keeper.recorder, clock.nowMs()),
    status: () => statusOf(parts),
  };
};

/** Models shown in one status. */
const modelsMax = 256;

const statusOf = (parts: CallParts): ThermalGetStatusResponseInput => {
  const { settings, keeper, clock } = parts;
  const { leverPlace: place, leverRoute: route, leverReconfigure: reconfigure } = settings;
  const { conductor, actuator } = keeper;
  return {
    ...{ thermalId: parts.thermalId, state: parts.state(), watchers: parts.hub.watchers },
    ...{ roundP99Ms: keeper.roundP99Ms(), levers: { place, route, reconfigure } },
    emergencies: keeper.emergencies.active().map(emergencyMessage),
    actions: conductor
      .actions()
      .map((decided) => actionMessage(decided, actuator.outcomeOf(decided.action.instance))),
    models: keeper.fit
      .models()
      .filter(({ drifted }) => drifted)
      .slice(0, modelsMax)
      .map(({ of, ...rest }) => ({ of: levelMessage(of), ...rest })),
    sources: keeper.intake
      .sources()
      .map((source) => sourceMessage(source, clock.nowMs(), settings.telemetryStaleMs)),
  };
};
