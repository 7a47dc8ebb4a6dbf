import type {
  ClearEmergencyRequest,
  ClearEmergencyResponseInput,
  DeclareEmergencyRequest,
  DeclareEmergencyResponseInput,
  GetHistoryRequest,
  GetHistoryResponseInput,
  GetRoomResponseInput,
  PlanRequest,
  PlanResponseInput,
  PredictWhatIfRequest,
  PredictWhatIfResponseInput,
  ThermalGetStatusResponseInput,
} from '@isotherm/proto';
import { protos, type ServedService, unaryHandler } from '@isotherm/rpc';
import type { reportTelemetry } from './telemetry-calls.ts';
import type { watchHeadroom } from './watch-call.ts';

/** What the calls of ThermalService do. */
export interface ThermalCalls {
  readonly report: ReturnType<typeof reportTelemetry>;
  readonly watch: ReturnType<typeof watchHeadroom>;
  room(): GetRoomResponseInput;
  whatIf(request: PredictWhatIfRequest): PredictWhatIfResponseInput;
  declare(request: DeclareEmergencyRequest): DeclareEmergencyResponseInput;
  clear(request: ClearEmergencyRequest): ClearEmergencyResponseInput;
  plan(request: PlanRequest): PlanResponseInput | Promise<PlanResponseInput>;
  status(): ThermalGetStatusResponseInput;
  history(request: GetHistoryRequest): Promise<GetHistoryResponseInput>;
}

/** ThermalService: translation only. */
export const thermalService = (calls: ThermalCalls): ServedService => ({
  definition: protos.isotherm.thermal.v1.ThermalService.service,
  implementation: {
    ReportTelemetry: calls.report,
    WatchHeadroom: calls.watch,
    GetRoom: unaryHandler(() => calls.room()),
    PredictWhatIf: unaryHandler((request: PredictWhatIfRequest) => calls.whatIf(request)),
    DeclareEmergency: unaryHandler((request: DeclareEmergencyRequest) => calls.declare(request)),
    ClearEmergency: unaryHandler((request: ClearEmergencyRequest) => calls.clear(request)),
    Plan: unaryHandler((request: PlanRequest) => calls.plan(request)),
    GetStatus: unaryHandler(() => calls.status()),
    GetHistory: unaryHandler((request: GetHistoryRequest) => calls.history(request)),
  },
});
