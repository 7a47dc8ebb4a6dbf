import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Action as _isotherm_thermal_v1_Action, Action__Output as _isotherm_thermal_v1_Action__Output } from './isotherm/thermal/v1/Action.ts';
import type { ClearEmergencyRequest as _isotherm_thermal_v1_ClearEmergencyRequest, ClearEmergencyRequest__Output as _isotherm_thermal_v1_ClearEmergencyRequest__Output } from './isotherm/thermal/v1/ClearEmergencyRequest.ts';
import type { ClearEmergencyResponse as _isotherm_thermal_v1_ClearEmergencyResponse, ClearEmergencyResponse__Output as _isotherm_thermal_v1_ClearEmergencyResponse__Output } from './isotherm/thermal/v1/ClearEmergencyResponse.ts';
import type { DeclareEmergencyRequest as _isotherm_thermal_v1_DeclareEmergencyRequest, DeclareEmergencyRequest__Output as _isotherm_thermal_v1_DeclareEmergencyRequest__Output } from './isotherm/thermal/v1/DeclareEmergencyRequest.ts';
import type { DeclareEmergencyResponse as _isotherm_thermal_v1_DeclareEmergencyResponse, DeclareEmergencyResponse__Output as _isotherm_thermal_v1_DeclareEmergencyResponse__Output } from './isotherm/thermal/v1/DeclareEmergencyResponse.ts';
import type { Emergency as _isotherm_thermal_v1_Emergency, Emergency__Output as _isotherm_thermal_v1_Emergency__Output } from './isotherm/thermal/v1/Emergency.ts';
import type { GetHistoryRequest as _isotherm_thermal_v1_GetHistoryRequest, GetHistoryRequest__Output as _isotherm_thermal_v1_GetHistoryRequest__Output } from './isotherm/thermal/v1/GetHistoryRequest.ts';
import type { GetHistoryResponse as _isotherm_thermal_v1_GetHistoryResponse, GetHistoryResponse__Output as _isotherm_thermal_v1_GetHistoryResponse__Output } from './isotherm/thermal/v1/GetHistoryResponse.ts';
import type { GetRoomRequest as _isotherm_thermal_v1_GetRoomRequest, GetRoomRequest__Output as _isotherm_thermal_v1_GetRoomRequest__Output } from './isotherm/thermal/v1/GetRoomRequest.ts';
import type { GetRoomResponse as _isotherm_thermal_v1_GetRoomResponse, GetRoomResponse__Output as _isotherm_thermal_v1_GetRoomResponse__Output } from './isotherm/thermal/v1/GetRoomResponse.ts';
import type { GetStatusRequest as _isotherm_thermal_v1_GetStatusRequest, GetStatusRequest__Output as _isotherm_thermal_v1_GetStatusRequest__Output } from './isotherm/thermal/v1/GetStatusRequest.ts';
import type { GetStatusResponse as _isotherm_thermal_v1_GetStatusResponse, GetStatusResponse__Output as _isotherm_thermal_v1_GetStatusResponse__Output } from './isotherm/thermal/v1/GetStatusResponse.ts';
import type { GpuState as _isotherm_thermal_v1_GpuState, GpuState__Output as _isotherm_thermal_v1_GpuState__Output } from './isotherm/thermal/v1/GpuState.ts';
import type { HistoryPoint as _isotherm_thermal_v1_HistoryPoint, HistoryPoint__Output as _isotherm_thermal_v1_HistoryPoint__Output } from './isotherm/thermal/v1/HistoryPoint.ts';
import type { HorizonHeadroom as _isotherm_thermal_v1_HorizonHeadroom, HorizonHeadroom__Output as _isotherm_thermal_v1_HorizonHeadroom__Output } from './isotherm/thermal/v1/HorizonHeadroom.ts';
import type { InstanceHeadroom as _isotherm_thermal_v1_InstanceHeadroom, InstanceHeadroom__Output as _isotherm_thermal_v1_InstanceHeadroom__Output } from './isotherm/thermal/v1/InstanceHeadroom.ts';
import type { Level as _isotherm_thermal_v1_Level, Level__Output as _isotherm_thermal_v1_Level__Output } from './isotherm/thermal/v1/Level.ts';
import type { LevelState as _isotherm_thermal_v1_LevelState, LevelState__Output as _isotherm_thermal_v1_LevelState__Output } from './isotherm/thermal/v1/LevelState.ts';
import type { ModelStatus as _isotherm_thermal_v1_ModelStatus, ModelStatus__Output as _isotherm_thermal_v1_ModelStatus__Output } from './isotherm/thermal/v1/ModelStatus.ts';
import type { PlacePlan as _isotherm_thermal_v1_PlacePlan, PlacePlan__Output as _isotherm_thermal_v1_PlacePlan__Output } from './isotherm/thermal/v1/PlacePlan.ts';
import type { PlanNote as _isotherm_thermal_v1_PlanNote, PlanNote__Output as _isotherm_thermal_v1_PlanNote__Output } from './isotherm/thermal/v1/PlanNote.ts';
import type { PlanRequest as _isotherm_thermal_v1_PlanRequest, PlanRequest__Output as _isotherm_thermal_v1_PlanRequest__Output } from './isotherm/thermal/v1/PlanRequest.ts';
import type { PlanResponse as _isotherm_thermal_v1_PlanResponse, PlanResponse__Output as _isotherm_thermal_v1_PlanResponse__Output } from './isotherm/thermal/v1/PlanResponse.ts';
import type { PredictWhatIfRequest as _isotherm_thermal_v1_PredictWhatIfRequest, PredictWhatIfRequest__Output as _isotherm_thermal_v1_PredictWhatIfRequest__Output } from './isotherm/thermal/v1/PredictWhatIfRequest.ts';
import type { PredictWhatIfResponse as _isotherm_thermal_v1_PredictWhatIfResponse, PredictWhatIfResponse__Output as _isotherm_thermal_v1_PredictWhatIfResponse__Output } from './isotherm/thermal/v1/PredictWhatIfResponse.ts';
import type { PredictedRoom as _isotherm_thermal_v1_PredictedRoom, PredictedRoom__Output as _isotherm_thermal_v1_PredictedRoom__Output } from './isotherm/thermal/v1/PredictedRoom.ts';
import type { Quarantined as _isotherm_thermal_v1_Quarantined, Quarantined__Output as _isotherm_thermal_v1_Quarantined__Output } from './isotherm/thermal/v1/Quarantined.ts';
import type { Reading as _isotherm_thermal_v1_Reading, Reading__Output as _isotherm_thermal_v1_Reading__Output } from './isotherm/thermal/v1/Reading.ts';
import type { ReconfigurePlan as _isotherm_thermal_v1_ReconfigurePlan, ReconfigurePlan__Output as _isotherm_thermal_v1_ReconfigurePlan__Output } from './isotherm/thermal/v1/ReconfigurePlan.ts';
import type { ReportTelemetryRequest as _isotherm_thermal_v1_ReportTelemetryRequest, ReportTelemetryRequest__Output as _isotherm_thermal_v1_ReportTelemetryRequest__Output } from './isotherm/thermal/v1/ReportTelemetryRequest.ts';
import type { ReportTelemetryResponse as _isotherm_thermal_v1_ReportTelemetryResponse, ReportTelemetryResponse__Output as _isotherm_thermal_v1_ReportTelemetryResponse__Output } from './isotherm/thermal/v1/ReportTelemetryResponse.ts';
import type { ServerState as _isotherm_thermal_v1_ServerState, ServerState__Output as _isotherm_thermal_v1_ServerState__Output } from './isotherm/thermal/v1/ServerState.ts';
import type { SourceStatus as _isotherm_thermal_v1_SourceStatus, SourceStatus__Output as _isotherm_thermal_v1_SourceStatus__Output } from './isotherm/thermal/v1/SourceStatus.ts';
import type { SupposedLoad as _isotherm_thermal_v1_SupposedLoad, SupposedLoad__Output as _isotherm_thermal_v1_SupposedLoad__Output } from './isotherm/thermal/v1/SupposedLoad.ts';
import type { ThermalServiceClient as _isotherm_thermal_v1_ThermalServiceClient, ThermalServiceDefinition as _isotherm_thermal_v1_ThermalServiceDefinition } from './isotherm/thermal/v1/ThermalService.ts';
import type { WatchHeadroomRequest as _isotherm_thermal_v1_WatchHeadroomRequest, WatchHeadroomRequest__Output as _isotherm_thermal_v1_WatchHeadroomRequest__Output } from './isotherm/thermal/v1/WatchHeadroomRequest.ts';
import type { WatchHeadroomResponse as _isotherm_thermal_v1_WatchHeadroomResponse, WatchHeadroomResponse__Output as _isotherm_thermal_v1_WatchHeadroomResponse__Output } from './isotherm/thermal/v1/WatchHeadroomResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  isotherm: {
    thermal: {
      v1: {
        Action: MessageTypeDefinition<_isotherm_thermal_v1_Action, _isotherm_thermal_v1_Action__Output>
        ClearEmergencyRequest: MessageTypeDefinition<_isotherm_thermal_v1_ClearEmergencyRequest, _isotherm_thermal_v1_ClearEmergencyRequest__Output>
        ClearEmergencyResponse: MessageTypeDefinition<_isotherm_thermal_v1_ClearEmergencyResponse, _isotherm_thermal_v1_ClearEmergencyResponse__Output>
        DeclareEmergencyRequest: MessageTypeDefinition<_isotherm_thermal_v1_DeclareEmergencyRequest, _isotherm_thermal_v1_DeclareEmergencyRequest__Output>
        DeclareEmergencyResponse: MessageTypeDefinition<_isotherm_thermal_v1_DeclareEmergencyResponse, _isotherm_thermal_v1_DeclareEmergencyResponse__Output>
        Emergency: MessageTypeDefinition<_isotherm_thermal_v1_Emergency, _isotherm_thermal_v1_Emergency__Output>
        GetHistoryRequest: MessageTypeDefinition<_isotherm_thermal_v1_GetHistoryRequest, _isotherm_thermal_v1_GetHistoryRequest__Output>
        GetHistoryResponse: MessageTypeDefinition<_isotherm_thermal_v1_GetHistoryResponse, _isotherm_thermal_v1_GetHistoryResponse__Output>
        GetRoomRequest: MessageTypeDefinition<_isotherm_thermal_v1_GetRoomRequest, _isotherm_thermal_v1_GetRoomRequest__Output>
        GetRoomResponse: MessageTypeDefinition<_isotherm_thermal_v1_GetRoomResponse, _isotherm_thermal_v1_GetRoomResponse__Output>
        GetStatusRequest: MessageTypeDefinition<_isotherm_thermal_v1_GetStatusRequest, _isotherm_thermal_v1_GetStatusRequest__Output>
        GetStatusResponse: MessageTypeDefinition<_isotherm_thermal_v1_GetStatusResponse, _isotherm_thermal_v1_GetStatusResponse__Output>
        GpuState: MessageTypeDefinition<_isotherm_thermal_v1_GpuState, _isotherm_thermal_v1_GpuState__Output>
        HistoryPoint: MessageTypeDefinition<_isotherm_thermal_v1_HistoryPoint, _isotherm_thermal_v1_HistoryPoint__Output>
        HorizonHeadroom: MessageTypeDefinition<_isotherm_thermal_v1_HorizonHeadroom, _isotherm_thermal_v1_HorizonHeadroom__Output>
        InstanceHeadroom: MessageTypeDefinition<_isotherm_thermal_v1_InstanceHeadroom, _isotherm_thermal_v1_InstanceHeadroom__Output>
        Level: MessageTypeDefinition<_isotherm_thermal_v1_Level, _isotherm_thermal_v1_Level__Output>
        LevelState: MessageTypeDefinition<_isotherm_thermal_v1_LevelState, _isotherm_thermal_v1_LevelState__Output>
        ModelStatus: MessageTypeDefinition<_isotherm_thermal_v1_ModelStatus, _isotherm_thermal_v1_ModelStatus__Output>
        PlacePlan: MessageTypeDefinition<_isotherm_thermal_v1_PlacePlan, _isotherm_thermal_v1_PlacePlan__Output>
        PlanNote: MessageTypeDefinition<_isotherm_thermal_v1_PlanNote, _isotherm_thermal_v1_PlanNote__Output>
        PlanRequest: MessageTypeDefinition<_isotherm_thermal_v1_PlanRequest, _isotherm_thermal_v1_PlanRequest__Output>
        PlanResponse: MessageTypeDefinition<_isotherm_thermal_v1_PlanResponse, _isotherm_thermal_v1_PlanResponse__Output>
        PredictWhatIfRequest: MessageTypeDefinition<_isotherm_thermal_v1_PredictWhatIfRequest, _isotherm_thermal_v1_PredictWhatIfRequest__Output>
        PredictWhatIfResponse: MessageTypeDefinition<_isotherm_thermal_v1_PredictWhatIfResponse, _isotherm_thermal_v1_PredictWhatIfResponse__Output>
        PredictedRoom: MessageTypeDefinition<_isotherm_thermal_v1_PredictedRoom, _isotherm_thermal_v1_PredictedRoom__Output>
        Quarantined: MessageTypeDefinition<_isotherm_thermal_v1_Quarantined, _isotherm_thermal_v1_Quarantined__Output>
        Reading: MessageTypeDefinition<_isotherm_thermal_v1_Reading, _isotherm_thermal_v1_Reading__Output>
        ReconfigurePlan: MessageTypeDefinition<_isotherm_thermal_v1_ReconfigurePlan, _isotherm_thermal_v1_ReconfigurePlan__Output>
        ReportTelemetryRequest: MessageTypeDefinition<_isotherm_thermal_v1_ReportTelemetryRequest, _isotherm_thermal_v1_ReportTelemetryRequest__Output>
        ReportTelemetryResponse: MessageTypeDefinition<_isotherm_thermal_v1_ReportTelemetryResponse, _isotherm_thermal_v1_ReportTelemetryResponse__Output>
        ServerState: MessageTypeDefinition<_isotherm_thermal_v1_ServerState, _isotherm_thermal_v1_ServerState__Output>
        SourceStatus: MessageTypeDefinition<_isotherm_thermal_v1_SourceStatus, _isotherm_thermal_v1_SourceStatus__Output>
        SupposedLoad: MessageTypeDefinition<_isotherm_thermal_v1_SupposedLoad, _isotherm_thermal_v1_SupposedLoad__Output>
        ThermalService: SubtypeConstructor<typeof grpc.Client, _isotherm_thermal_v1_ThermalServiceClient> & { service: _isotherm_thermal_v1_ThermalServiceDefinition }
        WatchHeadroomRequest: MessageTypeDefinition<_isotherm_thermal_v1_WatchHeadroomRequest, _isotherm_thermal_v1_WatchHeadroomRequest__Output>
        WatchHeadroomResponse: MessageTypeDefinition<_isotherm_thermal_v1_WatchHeadroomResponse, _isotherm_thermal_v1_WatchHeadroomResponse__Output>
      }
    }
  }
}

