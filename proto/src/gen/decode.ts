import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { DecodeEvent as _isotherm_decode_v1_DecodeEvent, DecodeEvent__Output as _isotherm_decode_v1_DecodeEvent__Output } from './isotherm/decode/v1/DecodeEvent.ts';
import type { DecodeJob as _isotherm_decode_v1_DecodeJob, DecodeJob__Output as _isotherm_decode_v1_DecodeJob__Output } from './isotherm/decode/v1/DecodeJob.ts';
import type { DecodeServiceClient as _isotherm_decode_v1_DecodeServiceClient, DecodeServiceDefinition as _isotherm_decode_v1_DecodeServiceDefinition } from './isotherm/decode/v1/DecodeService.ts';
import type { Sampling as _isotherm_decode_v1_Sampling, Sampling__Output as _isotherm_decode_v1_Sampling__Output } from './isotherm/decode/v1/Sampling.ts';
import type { Step as _isotherm_decode_v1_Step, Step__Output as _isotherm_decode_v1_Step__Output } from './isotherm/decode/v1/Step.ts';
import type { StepToken as _isotherm_decode_v1_StepToken, StepToken__Output as _isotherm_decode_v1_StepToken__Output } from './isotherm/decode/v1/StepToken.ts';
import type { WatchResponse as _isotherm_decode_v1_WatchResponse, WatchResponse__Output as _isotherm_decode_v1_WatchResponse__Output } from './isotherm/decode/v1/WatchResponse.ts';
import type { Accepted as _isotherm_stage_v1_Accepted, Accepted__Output as _isotherm_stage_v1_Accepted__Output } from './isotherm/stage/v1/Accepted.ts';
import type { AheadJob as _isotherm_stage_v1_AheadJob, AheadJob__Output as _isotherm_stage_v1_AheadJob__Output } from './isotherm/stage/v1/AheadJob.ts';
import type { AheadPayload as _isotherm_stage_v1_AheadPayload, AheadPayload__Output as _isotherm_stage_v1_AheadPayload__Output } from './isotherm/stage/v1/AheadPayload.ts';
import type { CacheChange as _isotherm_stage_v1_CacheChange, CacheChange__Output as _isotherm_stage_v1_CacheChange__Output } from './isotherm/stage/v1/CacheChange.ts';
import type { CacheStatus as _isotherm_stage_v1_CacheStatus, CacheStatus__Output as _isotherm_stage_v1_CacheStatus__Output } from './isotherm/stage/v1/CacheStatus.ts';
import type { CancelRequest as _isotherm_stage_v1_CancelRequest, CancelRequest__Output as _isotherm_stage_v1_CancelRequest__Output } from './isotherm/stage/v1/CancelRequest.ts';
import type { CancelResponse as _isotherm_stage_v1_CancelResponse, CancelResponse__Output as _isotherm_stage_v1_CancelResponse__Output } from './isotherm/stage/v1/CancelResponse.ts';
import type { DrainRequest as _isotherm_stage_v1_DrainRequest, DrainRequest__Output as _isotherm_stage_v1_DrainRequest__Output } from './isotherm/stage/v1/DrainRequest.ts';
import type { DrainResponse as _isotherm_stage_v1_DrainResponse, DrainResponse__Output as _isotherm_stage_v1_DrainResponse__Output } from './isotherm/stage/v1/DrainResponse.ts';
import type { Failed as _isotherm_stage_v1_Failed, Failed__Output as _isotherm_stage_v1_Failed__Output } from './isotherm/stage/v1/Failed.ts';
import type { GetStatusRequest as _isotherm_stage_v1_GetStatusRequest, GetStatusRequest__Output as _isotherm_stage_v1_GetStatusRequest__Output } from './isotherm/stage/v1/GetStatusRequest.ts';
import type { GetStatusResponse as _isotherm_stage_v1_GetStatusResponse, GetStatusResponse__Output as _isotherm_stage_v1_GetStatusResponse__Output } from './isotherm/stage/v1/GetStatusResponse.ts';
import type { GoAheadRequest as _isotherm_stage_v1_GoAheadRequest, GoAheadRequest__Output as _isotherm_stage_v1_GoAheadRequest__Output } from './isotherm/stage/v1/GoAheadRequest.ts';
import type { GoAheadResponse as _isotherm_stage_v1_GoAheadResponse, GoAheadResponse__Output as _isotherm_stage_v1_GoAheadResponse__Output } from './isotherm/stage/v1/GoAheadResponse.ts';
import type { Load as _isotherm_stage_v1_Load, Load__Output as _isotherm_stage_v1_Load__Output } from './isotherm/stage/v1/Load.ts';
import type { Loadable as _isotherm_stage_v1_Loadable, Loadable__Output as _isotherm_stage_v1_Loadable__Output } from './isotherm/stage/v1/Loadable.ts';
import type { ReconfigureRequest as _isotherm_stage_v1_ReconfigureRequest, ReconfigureRequest__Output as _isotherm_stage_v1_ReconfigureRequest__Output } from './isotherm/stage/v1/ReconfigureRequest.ts';
import type { ReconfigureResponse as _isotherm_stage_v1_ReconfigureResponse, ReconfigureResponse__Output as _isotherm_stage_v1_ReconfigureResponse__Output } from './isotherm/stage/v1/ReconfigureResponse.ts';
import type { StageServiceClient as _isotherm_stage_v1_StageServiceClient, StageServiceDefinition as _isotherm_stage_v1_StageServiceDefinition } from './isotherm/stage/v1/StageService.ts';
import type { Timing as _isotherm_stage_v1_Timing, Timing__Output as _isotherm_stage_v1_Timing__Output } from './isotherm/stage/v1/Timing.ts';
import type { TokenLogprob as _isotherm_stage_v1_TokenLogprob, TokenLogprob__Output as _isotherm_stage_v1_TokenLogprob__Output } from './isotherm/stage/v1/TokenLogprob.ts';
import type { TokenLogprobs as _isotherm_stage_v1_TokenLogprobs, TokenLogprobs__Output as _isotherm_stage_v1_TokenLogprobs__Output } from './isotherm/stage/v1/TokenLogprobs.ts';
import type { WatchRequest as _isotherm_stage_v1_WatchRequest, WatchRequest__Output as _isotherm_stage_v1_WatchRequest__Output } from './isotherm/stage/v1/WatchRequest.ts';
import type { Handle as _isotherm_transfer_v1_Handle, Handle__Output as _isotherm_transfer_v1_Handle__Output } from './isotherm/transfer/v1/Handle.ts';
import type { Manifest as _isotherm_transfer_v1_Manifest, Manifest__Output as _isotherm_transfer_v1_Manifest__Output } from './isotherm/transfer/v1/Manifest.ts';
import type { PullRequest as _isotherm_transfer_v1_PullRequest, PullRequest__Output as _isotherm_transfer_v1_PullRequest__Output } from './isotherm/transfer/v1/PullRequest.ts';
import type { PullResponse as _isotherm_transfer_v1_PullResponse, PullResponse__Output as _isotherm_transfer_v1_PullResponse__Output } from './isotherm/transfer/v1/PullResponse.ts';
import type { PullSmallRequest as _isotherm_transfer_v1_PullSmallRequest, PullSmallRequest__Output as _isotherm_transfer_v1_PullSmallRequest__Output } from './isotherm/transfer/v1/PullSmallRequest.ts';
import type { PullSmallResponse as _isotherm_transfer_v1_PullSmallResponse, PullSmallResponse__Output as _isotherm_transfer_v1_PullSmallResponse__Output } from './isotherm/transfer/v1/PullSmallResponse.ts';
import type { ReleaseRequest as _isotherm_transfer_v1_ReleaseRequest, ReleaseRequest__Output as _isotherm_transfer_v1_ReleaseRequest__Output } from './isotherm/transfer/v1/ReleaseRequest.ts';
import type { ReleaseResponse as _isotherm_transfer_v1_ReleaseResponse, ReleaseResponse__Output as _isotherm_transfer_v1_ReleaseResponse__Output } from './isotherm/transfer/v1/ReleaseResponse.ts';
import type { SmallPayload as _isotherm_transfer_v1_SmallPayload, SmallPayload__Output as _isotherm_transfer_v1_SmallPayload__Output } from './isotherm/transfer/v1/SmallPayload.ts';
import type { SmallPull as _isotherm_transfer_v1_SmallPull, SmallPull__Output as _isotherm_transfer_v1_SmallPull__Output } from './isotherm/transfer/v1/SmallPull.ts';
import type { Tensor as _isotherm_transfer_v1_Tensor, Tensor__Output as _isotherm_transfer_v1_Tensor__Output } from './isotherm/transfer/v1/Tensor.ts';
import type { TransferServiceClient as _isotherm_transfer_v1_TransferServiceClient, TransferServiceDefinition as _isotherm_transfer_v1_TransferServiceDefinition } from './isotherm/transfer/v1/TransferService.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  isotherm: {
    decode: {
      v1: {
        DecodeEvent: MessageTypeDefinition<_isotherm_decode_v1_DecodeEvent, _isotherm_decode_v1_DecodeEvent__Output>
        DecodeJob: MessageTypeDefinition<_isotherm_decode_v1_DecodeJob, _isotherm_decode_v1_DecodeJob__Output>
        DecodeService: SubtypeConstructor<typeof grpc.Client, _isotherm_decode_v1_DecodeServiceClient> & { service: _isotherm_decode_v1_DecodeServiceDefinition }
        Finish: EnumTypeDefinition
        Sampling: MessageTypeDefinition<_isotherm_decode_v1_Sampling, _isotherm_decode_v1_Sampling__Output>
        Step: MessageTypeDefinition<_isotherm_decode_v1_Step, _isotherm_decode_v1_Step__Output>
        StepToken: MessageTypeDefinition<_isotherm_decode_v1_StepToken, _isotherm_decode_v1_StepToken__Output>
        WatchResponse: MessageTypeDefinition<_isotherm_decode_v1_WatchResponse, _isotherm_decode_v1_WatchResponse__Output>
      }
    }
    stage: {
      v1: {
        Accepted: MessageTypeDefinition<_isotherm_stage_v1_Accepted, _isotherm_stage_v1_Accepted__Output>
        AheadJob: MessageTypeDefinition<_isotherm_stage_v1_AheadJob, _isotherm_stage_v1_AheadJob__Output>
        AheadPayload: MessageTypeDefinition<_isotherm_stage_v1_AheadPayload, _isotherm_stage_v1_AheadPayload__Output>
        CacheChange: MessageTypeDefinition<_isotherm_stage_v1_CacheChange, _isotherm_stage_v1_CacheChange__Output>
        CacheStatus: MessageTypeDefinition<_isotherm_stage_v1_CacheStatus, _isotherm_stage_v1_CacheStatus__Output>
        CancelRequest: MessageTypeDefinition<_isotherm_stage_v1_CancelRequest, _isotherm_stage_v1_CancelRequest__Output>
        CancelResponse: MessageTypeDefinition<_isotherm_stage_v1_CancelResponse, _isotherm_stage_v1_CancelResponse__Output>
        DrainRequest: MessageTypeDefinition<_isotherm_stage_v1_DrainRequest, _isotherm_stage_v1_DrainRequest__Output>
        DrainResponse: MessageTypeDefinition<_isotherm_stage_v1_DrainResponse, _isotherm_stage_v1_DrainResponse__Output>
        Failed: MessageTypeDefinition<_isotherm_stage_v1_Failed, _isotherm_stage_v1_Failed__Output>
        GetStatusRequest: MessageTypeDefinition<_isotherm_stage_v1_GetStatusRequest, _isotherm_stage_v1_GetStatusRequest__Output>
        GetStatusResponse: MessageTypeDefinition<_isotherm_stage_v1_GetStatusResponse, _isotherm_stage_v1_GetStatusResponse__Output>
        GoAheadRequest: MessageTypeDefinition<_isotherm_stage_v1_GoAheadRequest, _isotherm_stage_v1_GoAheadRequest__Output>
        GoAheadResponse: MessageTypeDefinition<_isotherm_stage_v1_GoAheadResponse, _isotherm_stage_v1_GoAheadResponse__Output>
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
    transfer: {
      v1: {
        DataType: EnumTypeDefinition
        Handle: MessageTypeDefinition<_isotherm_transfer_v1_Handle, _isotherm_transfer_v1_Handle__Output>
        Manifest: MessageTypeDefinition<_isotherm_transfer_v1_Manifest, _isotherm_transfer_v1_Manifest__Output>
        PullRequest: MessageTypeDefinition<_isotherm_transfer_v1_PullRequest, _isotherm_transfer_v1_PullRequest__Output>
        PullResponse: MessageTypeDefinition<_isotherm_transfer_v1_PullResponse, _isotherm_transfer_v1_PullResponse__Output>
        PullSmallRequest: MessageTypeDefinition<_isotherm_transfer_v1_PullSmallRequest, _isotherm_transfer_v1_PullSmallRequest__Output>
        PullSmallResponse: MessageTypeDefinition<_isotherm_transfer_v1_PullSmallResponse, _isotherm_transfer_v1_PullSmallResponse__Output>
        ReleaseRequest: MessageTypeDefinition<_isotherm_transfer_v1_ReleaseRequest, _isotherm_transfer_v1_ReleaseRequest__Output>
        ReleaseResponse: MessageTypeDefinition<_isotherm_transfer_v1_ReleaseResponse, _isotherm_transfer_v1_ReleaseResponse__Output>
        SmallPayload: MessageTypeDefinition<_isotherm_transfer_v1_SmallPayload, _isotherm_transfer_v1_SmallPayload__Output>
        SmallPull: MessageTypeDefinition<_isotherm_transfer_v1_SmallPull, _isotherm_transfer_v1_SmallPull__Output>
        Tensor: MessageTypeDefinition<_isotherm_transfer_v1_Tensor, _isotherm_transfer_v1_Tensor__Output>
        TransferService: SubtypeConstructor<typeof grpc.Client, _isotherm_transfer_v1_TransferServiceClient> & { service: _isotherm_transfer_v1_TransferServiceDefinition }
      }
    }
  }
}

