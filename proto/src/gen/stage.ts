import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Accepted as _isotherm_stage_v1_Accepted, Accepted__Output as _isotherm_stage_v1_Accepted__Output } from './isotherm/stage/v1/Accepted.ts';
import type { CacheChange as _isotherm_stage_v1_CacheChange, CacheChange__Output as _isotherm_stage_v1_CacheChange__Output } from './isotherm/stage/v1/CacheChange.ts';
import type { CacheStatus as _isotherm_stage_v1_CacheStatus, CacheStatus__Output as _isotherm_stage_v1_CacheStatus__Output } from './isotherm/stage/v1/CacheStatus.ts';
import type { CancelRequest as _isotherm_stage_v1_CancelRequest, CancelRequest__Output as _isotherm_stage_v1_CancelRequest__Output } from './isotherm/stage/v1/CancelRequest.ts';
import type { CancelResponse as _isotherm_stage_v1_CancelResponse, CancelResponse__Output as _isotherm_stage_v1_CancelResponse__Output } from './isotherm/stage/v1/CancelResponse.ts';
import type { DrainRequest as _isotherm_stage_v1_DrainRequest, DrainRequest__Output as _isotherm_stage_v1_DrainRequest__Output } from './isotherm/stage/v1/DrainRequest.ts';
import type { DrainResponse as _isotherm_stage_v1_DrainResponse, DrainResponse__Output as _isotherm_stage_v1_DrainResponse__Output } from './isotherm/stage/v1/DrainResponse.ts';
import type { Failed as _isotherm_stage_v1_Failed, Failed__Output as _isotherm_stage_v1_Failed__Output } from './isotherm/stage/v1/Failed.ts';
import type { GetStatusRequest as _isotherm_stage_v1_GetStatusRequest, GetStatusRequest__Output as _isotherm_stage_v1_GetStatusRequest__Output } from './isotherm/stage/v1/GetStatusRequest.ts';
import type { GetStatusResponse as _isotherm_stage_v1_GetStatusResponse, GetStatusResponse__Output as _isotherm_stage_v1_GetStatusResponse__Output } from './isotherm/stage/v1/GetStatusResponse.ts';
import type { Load as _isotherm_stage_v1_Load, Load__Output as _isotherm_stage_v1_Load__Output } from './isotherm/stage/v1/Load.ts';
import type { Loadable as _isotherm_stage_v1_Loadable, Loadable__Output as _isotherm_stage_v1_Loadable__Output } from './isotherm/stage/v1/Loadable.ts';
import type { ReconfigureRequest as _isotherm_stage_v1_ReconfigureRequest, ReconfigureRequest__Output as _isotherm_stage_v1_ReconfigureRequest__Output } from './isotherm/stage/v1/ReconfigureRequest.ts';
import type { ReconfigureResponse as _isotherm_stage_v1_ReconfigureResponse, ReconfigureResponse__Output as _isotherm_stage_v1_ReconfigureResponse__Output } from './isotherm/stage/v1/ReconfigureResponse.ts';
import type { StageServiceClient as _isotherm_stage_v1_StageServiceClient, StageServiceDefinition as _isotherm_stage_v1_StageServiceDefinition } from './isotherm/stage/v1/StageService.ts';
import type { Timing as _isotherm_stage_v1_Timing, Timing__Output as _isotherm_stage_v1_Timing__Output } from './isotherm/stage/v1/Timing.ts';
import type { TokenLogprob as _isotherm_stage_v1_TokenLogprob, TokenLogprob__Output as _isotherm_stage_v1_TokenLogprob__Output } from './isotherm/stage/v1/TokenLogprob.ts';
import type { TokenLogprobs as _isotherm_stage_v1_TokenLogprobs, TokenLogprobs__Output as _isotherm_stage_v1_TokenLogprobs__Output } from './isotherm/stage/v1/TokenLogprobs.ts';
import type { WatchRequest as _isotherm_stage_v1_WatchRequest, WatchRequest__Output as _isotherm_stage_v1_WatchRequest__Output } from './isotherm/stage/v1/WatchRequest.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  isotherm: {
    stage: {
      v1: {
        Accepted: MessageTypeDefinition<_isotherm_stage_v1_Accepted, _isotherm_stage_v1_Accepted__Output>
        CacheChange: MessageTypeDefinition<_isotherm_stage_v1_CacheChange, _isotherm_stage_v1_CacheChange__Output>
        CacheStatus: MessageTypeDefinition<_isotherm_stage_v1_CacheStatus, _isotherm_stage_v1_CacheStatus__Output>
        CancelRequest: MessageTypeDefinition<_isotherm_stage_v1_CancelRequest, _isotherm_stage_v1_CancelRequest__Output>
        CancelResponse: MessageTypeDefinition<_isotherm_stage_v1_CancelResponse, _isotherm_stage_v1_CancelResponse__Output>
        DrainRequest: MessageTypeDefinition<_isotherm_stage_v1_DrainRequest, _isotherm_stage_v1_DrainRequest__Output>
        DrainResponse: MessageTypeDefinition<_isotherm_stage_v1_DrainResponse, _isotherm_stage_v1_DrainResponse__Output>
        Failed: MessageTypeDefinition<_isotherm_stage_v1_Failed, _isotherm_stage_v1_Failed__Output>
        GetStatusRequest: MessageTypeDefinition<_isotherm_stage_v1_GetStatusRequest, _isotherm_stage_v1_GetStatusRequest__Output>
        GetStatusResponse: MessageTypeDefinition<_isotherm_stage_v1_GetStatusResponse, _isotherm_stage_v1_GetStatusResponse__Output>
        Load: MessageTypeDefinition<_isotherm_stage_v1_Load, _isotherm_stage_v1_Load__Output>
        Loadable: MessageTypeDefinition<_isotherm_stage_v1_Loadable, _isotherm_stage_v1_Loadable__Output>
        ReconfigureRequest: MessageTypeDefinition<_isotherm_stage_v1_ReconfigureRequest, _isotherm_stage_v1_ReconfigureRequest__Output>
        ReconfigureResponse: MessageTypeDefinition<_isotherm_stage_v1_ReconfigureResponse, _isotherm_stage_v1_ReconfigureResponse__Output>
        StageService: SubtypeConstructor<typeof grpc.Client, _isotherm_stage_v1_StageServiceClient> & { service: _isotherm_stage_v1_StageServiceDefinition }
        Timing: MessageTypeDefinition<_isotherm_stage_v1_Timing, _isotherm_stage_v1_Timing__Output>
        TokenLogprob: MessageTypeDefinition<_isotherm_stage_v1_TokenLogprob, _isotherm_stage_v1_TokenLogprob__Output>
        TokenLogprobs: MessageTypeDefinition<_isotherm_stage_v1_TokenLogprobs, _isotherm_stage_v1_TokenLogprobs__Output>
        WatchRequest: MessageTypeDefinition<_isotherm_stage_v1_WatchRequest, _isotherm_stage_v1_WatchRequest__Output>
      }
    }
  }
}

