import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Admission as _isotherm_router_v1_Admission, Admission__Output as _isotherm_router_v1_Admission__Output } from './isotherm/router/v1/Admission.ts';
import type { Batch as _isotherm_router_v1_Batch, Batch__Output as _isotherm_router_v1_Batch__Output } from './isotherm/router/v1/Batch.ts';
import type { BatchAnswer as _isotherm_router_v1_BatchAnswer, BatchAnswer__Output as _isotherm_router_v1_BatchAnswer__Output } from './isotherm/router/v1/BatchAnswer.ts';
import type { BatchFailure as _isotherm_router_v1_BatchFailure, BatchFailure__Output as _isotherm_router_v1_BatchFailure__Output } from './isotherm/router/v1/BatchFailure.ts';
import type { BatchResult as _isotherm_router_v1_BatchResult, BatchResult__Output as _isotherm_router_v1_BatchResult__Output } from './isotherm/router/v1/BatchResult.ts';
import type { CancelBatchRequest as _isotherm_router_v1_CancelBatchRequest, CancelBatchRequest__Output as _isotherm_router_v1_CancelBatchRequest__Output } from './isotherm/router/v1/CancelBatchRequest.ts';
import type { CancelBatchResponse as _isotherm_router_v1_CancelBatchResponse, CancelBatchResponse__Output as _isotherm_router_v1_CancelBatchResponse__Output } from './isotherm/router/v1/CancelBatchResponse.ts';
import type { ClassAdmission as _isotherm_router_v1_ClassAdmission, ClassAdmission__Output as _isotherm_router_v1_ClassAdmission__Output } from './isotherm/router/v1/ClassAdmission.ts';
import type { CountTokensRequest as _isotherm_router_v1_CountTokensRequest, CountTokensRequest__Output as _isotherm_router_v1_CountTokensRequest__Output } from './isotherm/router/v1/CountTokensRequest.ts';
import type { CountTokensResponse as _isotherm_router_v1_CountTokensResponse, CountTokensResponse__Output as _isotherm_router_v1_CountTokensResponse__Output } from './isotherm/router/v1/CountTokensResponse.ts';
import type { DecisionFact as _isotherm_router_v1_DecisionFact, DecisionFact__Output as _isotherm_router_v1_DecisionFact__Output } from './isotherm/router/v1/DecisionFact.ts';
import type { DecisionNote as _isotherm_router_v1_DecisionNote, DecisionNote__Output as _isotherm_router_v1_DecisionNote__Output } from './isotherm/router/v1/DecisionNote.ts';
import type { DecisionPlacement as _isotherm_router_v1_DecisionPlacement, DecisionPlacement__Output as _isotherm_router_v1_DecisionPlacement__Output } from './isotherm/router/v1/DecisionPlacement.ts';
import type { DrainRequest as _isotherm_router_v1_DrainRequest, DrainRequest__Output as _isotherm_router_v1_DrainRequest__Output } from './isotherm/router/v1/DrainRequest.ts';
import type { DrainResponse as _isotherm_router_v1_DrainResponse, DrainResponse__Output as _isotherm_router_v1_DrainResponse__Output } from './isotherm/router/v1/DrainResponse.ts';
import type { DroppedInstance as _isotherm_router_v1_DroppedInstance, DroppedInstance__Output as _isotherm_router_v1_DroppedInstance__Output } from './isotherm/router/v1/DroppedInstance.ts';
import type { ExplainRequest as _isotherm_router_v1_ExplainRequest, ExplainRequest__Output as _isotherm_router_v1_ExplainRequest__Output } from './isotherm/router/v1/ExplainRequest.ts';
import type { ExplainResponse as _isotherm_router_v1_ExplainResponse, ExplainResponse__Output as _isotherm_router_v1_ExplainResponse__Output } from './isotherm/router/v1/ExplainResponse.ts';
import type { Finished as _isotherm_router_v1_Finished, Finished__Output as _isotherm_router_v1_Finished__Output } from './isotherm/router/v1/Finished.ts';
import type { Frames as _isotherm_router_v1_Frames, Frames__Output as _isotherm_router_v1_Frames__Output } from './isotherm/router/v1/Frames.ts';
import type { GenerateRequest as _isotherm_router_v1_GenerateRequest, GenerateRequest__Output as _isotherm_router_v1_GenerateRequest__Output } from './isotherm/router/v1/GenerateRequest.ts';
import type { GenerateResponse as _isotherm_router_v1_GenerateResponse, GenerateResponse__Output as _isotherm_router_v1_GenerateResponse__Output } from './isotherm/router/v1/GenerateResponse.ts';
import type { GetBatchRequest as _isotherm_router_v1_GetBatchRequest, GetBatchRequest__Output as _isotherm_router_v1_GetBatchRequest__Output } from './isotherm/router/v1/GetBatchRequest.ts';
import type { GetBatchResponse as _isotherm_router_v1_GetBatchResponse, GetBatchResponse__Output as _isotherm_router_v1_GetBatchResponse__Output } from './isotherm/router/v1/GetBatchResponse.ts';
import type { GetStatusRequest as _isotherm_router_v1_GetStatusRequest, GetStatusRequest__Output as _isotherm_router_v1_GetStatusRequest__Output } from './isotherm/router/v1/GetStatusRequest.ts';
import type { GetStatusResponse as _isotherm_router_v1_GetStatusResponse, GetStatusResponse__Output as _isotherm_router_v1_GetStatusResponse__Output } from './isotherm/router/v1/GetStatusResponse.ts';
import type { HeadroomSource as _isotherm_router_v1_HeadroomSource, HeadroomSource__Output as _isotherm_router_v1_HeadroomSource__Output } from './isotherm/router/v1/HeadroomSource.ts';
import type { Hedges as _isotherm_router_v1_Hedges, Hedges__Output as _isotherm_router_v1_Hedges__Output } from './isotherm/router/v1/Hedges.ts';
import type { Instance as _isotherm_router_v1_Instance, Instance__Output as _isotherm_router_v1_Instance__Output } from './isotherm/router/v1/Instance.ts';
import type { InstanceCache as _isotherm_router_v1_InstanceCache, InstanceCache__Output as _isotherm_router_v1_InstanceCache__Output } from './isotherm/router/v1/InstanceCache.ts';
import type { InstanceHeadroom as _isotherm_router_v1_InstanceHeadroom, InstanceHeadroom__Output as _isotherm_router_v1_InstanceHeadroom__Output } from './isotherm/router/v1/InstanceHeadroom.ts';
import type { LargePool as _isotherm_router_v1_LargePool, LargePool__Output as _isotherm_router_v1_LargePool__Output } from './isotherm/router/v1/LargePool.ts';
import type { ListModelsRequest as _isotherm_router_v1_ListModelsRequest, ListModelsRequest__Output as _isotherm_router_v1_ListModelsRequest__Output } from './isotherm/router/v1/ListModelsRequest.ts';
import type { ListModelsResponse as _isotherm_router_v1_ListModelsResponse, ListModelsResponse__Output as _isotherm_router_v1_ListModelsResponse__Output } from './isotherm/router/v1/ListModelsResponse.ts';
import type { Message as _isotherm_router_v1_Message, Message__Output as _isotherm_router_v1_Message__Output } from './isotherm/router/v1/Message.ts';
import type { Model as _isotherm_router_v1_Model, Model__Output as _isotherm_router_v1_Model__Output } from './isotherm/router/v1/Model.ts';
import type { Part as _isotherm_router_v1_Part, Part__Output as _isotherm_router_v1_Part__Output } from './isotherm/router/v1/Part.ts';
import type { Router as _isotherm_router_v1_Router, Router__Output as _isotherm_router_v1_Router__Output } from './isotherm/router/v1/Router.ts';
import type { RouterServiceClient as _isotherm_router_v1_RouterServiceClient, RouterServiceDefinition as _isotherm_router_v1_RouterServiceDefinition } from './isotherm/router/v1/RouterService.ts';
import type { ScoredInstance as _isotherm_router_v1_ScoredInstance, ScoredInstance__Output as _isotherm_router_v1_ScoredInstance__Output } from './isotherm/router/v1/ScoredInstance.ts';
import type { StageTime as _isotherm_router_v1_StageTime, StageTime__Output as _isotherm_router_v1_StageTime__Output } from './isotherm/router/v1/StageTime.ts';
import type { SubmitBatchRequest as _isotherm_router_v1_SubmitBatchRequest, SubmitBatchRequest__Output as _isotherm_router_v1_SubmitBatchRequest__Output } from './isotherm/router/v1/SubmitBatchRequest.ts';
import type { SubmitBatchResponse as _isotherm_router_v1_SubmitBatchResponse, SubmitBatchResponse__Output as _isotherm_router_v1_SubmitBatchResponse__Output } from './isotherm/router/v1/SubmitBatchResponse.ts';
import type { TextDelta as _isotherm_router_v1_TextDelta, TextDelta__Output as _isotherm_router_v1_TextDelta__Output } from './isotherm/router/v1/TextDelta.ts';
import type { TokenLogprob as _isotherm_router_v1_TokenLogprob, TokenLogprob__Output as _isotherm_router_v1_TokenLogprob__Output } from './isotherm/router/v1/TokenLogprob.ts';
import type { Usage as _isotherm_router_v1_Usage, Usage__Output as _isotherm_router_v1_Usage__Output } from './isotherm/router/v1/Usage.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  isotherm: {
    router: {
      v1: {
        Admission: MessageTypeDefinition<_isotherm_router_v1_Admission, _isotherm_router_v1_Admission__Output>
        Batch: MessageTypeDefinition<_isotherm_router_v1_Batch, _isotherm_router_v1_Batch__Output>
        BatchAnswer: MessageTypeDefinition<_isotherm_router_v1_BatchAnswer, _isotherm_router_v1_BatchAnswer__Output>
        BatchFailure: MessageTypeDefinition<_isotherm_router_v1_BatchFailure, _isotherm_router_v1_BatchFailure__Output>
        BatchResult: MessageTypeDefinition<_isotherm_router_v1_BatchResult, _isotherm_router_v1_BatchResult__Output>
        CancelBatchRequest: MessageTypeDefinition<_isotherm_router_v1_CancelBatchRequest, _isotherm_router_v1_CancelBatchRequest__Output>
        CancelBatchResponse: MessageTypeDefinition<_isotherm_router_v1_CancelBatchResponse, _isotherm_router_v1_CancelBatchResponse__Output>
        ClassAdmission: MessageTypeDefinition<_isotherm_router_v1_ClassAdmission, _isotherm_router_v1_ClassAdmission__Output>
        CountTokensRequest: MessageTypeDefinition<_isotherm_router_v1_CountTokensRequest, _isotherm_router_v1_CountTokensRequest__Output>
        CountTokensResponse: MessageTypeDefinition<_isotherm_router_v1_CountTokensResponse, _isotherm_router_v1_CountTokensResponse__Output>
        DecisionFact: MessageTypeDefinition<_isotherm_router_v1_DecisionFact, _isotherm_router_v1_DecisionFact__Output>
        DecisionNote: MessageTypeDefinition<_isotherm_router_v1_DecisionNote, _isotherm_router_v1_DecisionNote__Output>
        DecisionPlacement: MessageTypeDefinition<_isotherm_router_v1_DecisionPlacement, _isotherm_router_v1_DecisionPlacement__Output>
        DrainRequest: MessageTypeDefinition<_isotherm_router_v1_DrainRequest, _isotherm_router_v1_DrainRequest__Output>
        DrainResponse: MessageTypeDefinition<_isotherm_router_v1_DrainResponse, _isotherm_router_v1_DrainResponse__Output>
        DroppedInstance: MessageTypeDefinition<_isotherm_router_v1_DroppedInstance, _isotherm_router_v1_DroppedInstance__Output>
        ExplainRequest: MessageTypeDefinition<_isotherm_router_v1_ExplainRequest, _isotherm_router_v1_ExplainRequest__Output>
        ExplainResponse: MessageTypeDefinition<_isotherm_router_v1_ExplainResponse, _isotherm_router_v1_ExplainResponse__Output>
        Finished: MessageTypeDefinition<_isotherm_router_v1_Finished, _isotherm_router_v1_Finished__Output>
        Frames: MessageTypeDefinition<_isotherm_router_v1_Frames, _isotherm_router_v1_Frames__Output>
        GenerateRequest: MessageTypeDefinition<_isotherm_router_v1_GenerateRequest, _isotherm_router_v1_GenerateRequest__Output>
        GenerateResponse: MessageTypeDefinition<_isotherm_router_v1_GenerateResponse, _isotherm_router_v1_GenerateResponse__Output>
        GetBatchRequest: MessageTypeDefinition<_isotherm_router_v1_GetBatchRequest, _isotherm_router_v1_GetBatchRequest__Output>
        GetBatchResponse: MessageTypeDefinition<_isotherm_router_v1_GetBatchResponse, _isotherm_router_v1_GetBatchResponse__Output>
        GetStatusRequest: MessageTypeDefinition<_isotherm_router_v1_GetStatusRequest, _isotherm_router_v1_GetStatusRequest__Output>
        GetStatusResponse: MessageTypeDefinition<_isotherm_router_v1_GetStatusResponse, _isotherm_router_v1_GetStatusResponse__Output>
        HeadroomSource: MessageTypeDefinition<_isotherm_router_v1_HeadroomSource, _isotherm_router_v1_HeadroomSource__Output>
        Hedges: MessageTypeDefinition<_isotherm_router_v1_Hedges, _isotherm_router_v1_Hedges__Output>
        Instance: MessageTypeDefinition<_isotherm_router_v1_Instance, _isotherm_router_v1_Instance__Output>
        InstanceCache: MessageTypeDefinition<_isotherm_router_v1_InstanceCache, _isotherm_router_v1_InstanceCache__Output>
        InstanceHeadroom: MessageTypeDefinition<_isotherm_router_v1_InstanceHeadroom, _isotherm_router_v1_InstanceHeadroom__Output>
        LargePool: MessageTypeDefinition<_isotherm_router_v1_LargePool, _isotherm_router_v1_LargePool__Output>
        ListModelsRequest: MessageTypeDefinition<_isotherm_router_v1_ListModelsRequest, _isotherm_router_v1_ListModelsRequest__Output>
        ListModelsResponse: MessageTypeDefinition<_isotherm_router_v1_ListModelsResponse, _isotherm_router_v1_ListModelsResponse__Output>
        Message: MessageTypeDefinition<_isotherm_router_v1_Message, _isotherm_router_v1_Message__Output>
        Model: MessageTypeDefinition<_isotherm_router_v1_Model, _isotherm_router_v1_Model__Output>
        Part: MessageTypeDefinition<_isotherm_router_v1_Part, _isotherm_router_v1_Part__Output>
        Router: MessageTypeDefinition<_isotherm_router_v1_Router, _isotherm_router_v1_Router__Output>
        RouterService: SubtypeConstructor<typeof grpc.Client, _isotherm_router_v1_RouterServiceClient> & { service: _isotherm_router_v1_RouterServiceDefinition }
        ScoredInstance: MessageTypeDefinition<_isotherm_router_v1_ScoredInstance, _isotherm_router_v1_ScoredInstance__Output>
        StageTime: MessageTypeDefinition<_isotherm_router_v1_StageTime, _isotherm_router_v1_StageTime__Output>
        SubmitBatchRequest: MessageTypeDefinition<_isotherm_router_v1_SubmitBatchRequest, _isotherm_router_v1_SubmitBatchRequest__Output>
        SubmitBatchResponse: MessageTypeDefinition<_isotherm_router_v1_SubmitBatchResponse, _isotherm_router_v1_SubmitBatchResponse__Output>
        TextDelta: MessageTypeDefinition<_isotherm_router_v1_TextDelta, _isotherm_router_v1_TextDelta__Output>
        TokenLogprob: MessageTypeDefinition<_isotherm_router_v1_TokenLogprob, _isotherm_router_v1_TokenLogprob__Output>
        Usage: MessageTypeDefinition<_isotherm_router_v1_Usage, _isotherm_router_v1_Usage__Output>
      }
    }
  }
}

