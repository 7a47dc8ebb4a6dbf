import { fileURLToPath } from 'node:url';
import type { ProtoGrpcType as DecodeProtos } from './gen/decode.ts';
import type { ProtoGrpcType as EncoderProtos } from './gen/encoder.ts';
import type { ProtoGrpcType as PrefillProtos } from './gen/prefill.ts';
import type { ProtoGrpcType as RouterProtos } from './gen/router.ts';
import type { ProtoGrpcType as ThermalProtos } from './gen/thermal.ts';
import type { ProtoGrpcType as UpstreamProtos } from './gen/upstream.ts';

/** Folder that holds `isotherm/**.proto`; found from this file, so that it is right in a deployed service too. */
export const protoRoot = fileURLToPath(new URL('..', import.meta.url));

/** Every contract, relative to `protoRoot`. */
export const protoFiles = [
  'isotherm/transfer/v1/transfer.proto',
  'isotherm/stage/v1/stage.proto',
  'isotherm/encoder/v1/encoder.proto',
  'isotherm/prefill/v1/prefill.proto',
  'isotherm/decode/v1/decode.proto',
  'isotherm/router/v1/router.proto',
  'isotherm/upstream/v1/upstream.proto',
  'isotherm/thermal/v1/thermal.proto',
] as const;

export { loaderOptions } from './loader-options.ts';

/** Constructors and definitions of all contracts; the generated root type of one file lists only what it reaches. */
export type IsothermProtos = DecodeProtos &
  EncoderProtos &
  PrefillProtos &
  RouterProtos &
  UpstreamProtos &
  ThermalProtos;

// `X` is a message as it is read (every field present); `XInput` is one as it may be written.
export type {
  DecodeEvent as DecodeEventInput,
  DecodeEvent__Output as DecodeEvent,
} from './gen/isotherm/decode/v1/DecodeEvent.ts';
export type {
  DecodeJob as DecodeJobInput,
  DecodeJob__Output as DecodeJob,
} from './gen/isotherm/decode/v1/DecodeJob.ts';
export type {
  DecodeServiceClient,
  DecodeServiceDefinition,
  DecodeServiceHandlers,
} from './gen/isotherm/decode/v1/DecodeService.ts';
export type {
  Finish as FinishInput,
  Finish__Output as Finish,
} from './gen/isotherm/decode/v1/Finish.ts';
export type {
  Sampling as SamplingInput,
  Sampling__Output as Sampling,
} from './gen/isotherm/decode/v1/Sampling.ts';
export type { Step as StepInput, Step__Output as Step } from './gen/isotherm/decode/v1/Step.ts';
export type {
  StepToken as StepTokenInput,
  StepToken__Output as StepToken,
} from './gen/isotherm/decode/v1/StepToken.ts';
export type {
  WatchResponse as DecodeWatchResponseInput,
  WatchResponse__Output as DecodeWatchResponse,
} from './gen/isotherm/decode/v1/WatchResponse.ts';
export type {
  EncodeJob as EncodeJobInput,
  EncodeJob__Output as EncodeJob,
} from './gen/isotherm/encoder/v1/EncodeJob.ts';
export type {
  Encoded as EncodedInput,
  Encoded__Output as Encoded,
} from './gen/isotherm/encoder/v1/Encoded.ts';
export type {
  EncoderEvent as EncoderEventInput,
  EncoderEvent__Output as EncoderEvent,
} from './gen/isotherm/encoder/v1/EncoderEvent.ts';
export type {
  EncoderServiceClient,
  EncoderServiceDefinition,
  EncoderServiceHandlers,
} from './gen/isotherm/encoder/v1/EncoderService.ts';
export type {
  LeaseRequest as LeaseRequestInput,
  LeaseRequest__Output as LeaseRequest,
} from './gen/isotherm/encoder/v1/LeaseRequest.ts';
export type {
  LeaseResponse as LeaseResponseInput,
  LeaseResponse__Output as LeaseResponse,
} from './gen/isotherm/encoder/v1/LeaseResponse.ts';
export type {
  WatchResponse as EncoderWatchResponseInput,
  WatchResponse__Output as EncoderWatchResponse,
} from './gen/isotherm/encoder/v1/WatchResponse.ts';
export type {
  PrefillEvent as PrefillEventInput,
  PrefillEvent__Output as PrefillEvent,
} from './gen/isotherm/prefill/v1/PrefillEvent.ts';
export type {
  PrefillJob as PrefillJobInput,
  PrefillJob__Output as PrefillJob,
} from './gen/isotherm/prefill/v1/PrefillJob.ts';
export type {
  PrefillServiceClient,
  PrefillServiceDefinition,
  PrefillServiceHandlers,
} from './gen/isotherm/prefill/v1/PrefillService.ts';
export type {
  Prefilled as PrefilledInput,
  Prefilled__Output as Prefilled,
} from './gen/isotherm/prefill/v1/Prefilled.ts';
export type {
  WatchResponse as PrefillWatchResponseInput,
  WatchResponse__Output as PrefillWatchResponse,
} from './gen/isotherm/prefill/v1/WatchResponse.ts';
export type {
  Finished as FinishedInput,
  Finished__Output as Finished,
} from './gen/isotherm/router/v1/Finished.ts';
export type {
  Batch as BatchInput,
  Batch__Output as Batch,
} from './gen/isotherm/router/v1/Batch.ts';
export type {
  BatchResult as BatchResultInput,
  BatchResult__Output as BatchResult,
} from './gen/isotherm/router/v1/BatchResult.ts';
export type {
  CancelBatchRequest as CancelBatchRequestInput,
  CancelBatchRequest__Output as CancelBatchRequest,
} from './gen/isotherm/router/v1/CancelBatchRequest.ts';
export type {
  CancelBatchResponse as CancelBatchResponseInput,
  CancelBatchResponse__Output as CancelBatchResponse,
} from './gen/isotherm/router/v1/CancelBatchResponse.ts';
export type {
  GetBatchRequest as GetBatchRequestInput,
  GetBatchRequest__Output as GetBatchRequest,
} from './gen/isotherm/router/v1/GetBatchRequest.ts';
export type {
  GetBatchResponse as GetBatchResponseInput,
  GetBatchResponse__Output as GetBatchResponse,
} from './gen/isotherm/router/v1/GetBatchResponse.ts';
export type {
  SubmitBatchRequest as SubmitBatchRequestInput,
  SubmitBatchRequest__Output as SubmitBatchRequest,
} from './gen/isotherm/router/v1/SubmitBatchRequest.ts';
export type {
  SubmitBatchResponse as SubmitBatchResponseInput,
  SubmitBatchResponse__Output as SubmitBatchResponse,
} from './gen/isotherm/router/v1/SubmitBatchResponse.ts';
export type {
  CountTokensRequest as CountTokensRequestInput,
  CountTokensRequest__Output as CountTokensRequest,
} from './gen/isotherm/router/v1/CountTokensRequest.ts';
export type {
  CountTokensResponse as CountTokensResponseInput,
  CountTokensResponse__Output as CountTokensResponse,
} from './gen/isotherm/router/v1/CountTokensResponse.ts';
export type {
  ListModelsResponse as ListModelsResponseInput,
  ListModelsResponse__Output as ListModelsResponse,
} from './gen/isotherm/router/v1/ListModelsResponse.ts';
export type {
  Model as ModelInput,
  Model__Output as Model,
} from './gen/isotherm/router/v1/Model.ts';
export type {
  GenerateRequest as GenerateRequestInput,
  GenerateRequest__Output as GenerateRequest,
} from './gen/isotherm/router/v1/GenerateRequest.ts';
export type {
  GenerateResponse as GenerateResponseInput,
  GenerateResponse__Output as GenerateResponse,
} from './gen/isotherm/router/v1/GenerateResponse.ts';
export type {
  GetStatusRequest as RouterGetStatusRequestInput,
  GetStatusRequest__Output as RouterGetStatusRequest,
} from './gen/isotherm/router/v1/GetStatusRequest.ts';
export type {
  GetStatusResponse as RouterGetStatusResponseInput,
  GetStatusResponse__Output as RouterGetStatusResponse,
} from './gen/isotherm/router/v1/GetStatusResponse.ts';
export type {
  InstanceCache as InstanceCacheInput,
  InstanceCache__Output as InstanceCache,
} from './gen/isotherm/router/v1/InstanceCache.ts';
export type {
  Instance as InstanceInput,
  Instance__Output as Instance,
} from './gen/isotherm/router/v1/Instance.ts';
export type {
  Message as MessageInput,
  Message__Output as Message,
} from './gen/isotherm/router/v1/Message.ts';
export type { Part as PartInput, Part__Output as Part } from './gen/isotherm/router/v1/Part.ts';
export type {
  RouterServiceClient,
  RouterServiceDefinition,
  RouterServiceHandlers,
} from './gen/isotherm/router/v1/RouterService.ts';
export type {
  DecisionNote as DecisionNoteInput,
  DecisionNote__Output as DecisionNote,
} from './gen/isotherm/router/v1/DecisionNote.ts';
export type {
  DecisionPlacement as DecisionPlacementInput,
  DecisionPlacement__Output as DecisionPlacement,
} from './gen/isotherm/router/v1/DecisionPlacement.ts';
export type { ExplainRequest__Output as ExplainRequest } from './gen/isotherm/router/v1/ExplainRequest.ts';
export type {
  ExplainResponse as ExplainResponseInput,
  ExplainResponse__Output as ExplainResponse,
} from './gen/isotherm/router/v1/ExplainResponse.ts';
export type { DrainRequest__Output as RouterDrainRequest } from './gen/isotherm/router/v1/DrainRequest.ts';
export type { Router__Output as RouterEntry } from './gen/isotherm/router/v1/Router.ts';
export type {
  StageTime as StageTimeInput,
  StageTime__Output as StageTime,
} from './gen/isotherm/router/v1/StageTime.ts';
export type {
  TextDelta as TextDeltaInput,
  TextDelta__Output as TextDelta,
} from './gen/isotherm/router/v1/TextDelta.ts';
export type {
  Usage as UsageInput,
  Usage__Output as Usage,
} from './gen/isotherm/router/v1/Usage.ts';
export type {
  AheadJob as AheadJobInput,
  AheadJob__Output as AheadJob,
} from './gen/isotherm/stage/v1/AheadJob.ts';
export type {
  AheadPayload as AheadPayloadInput,
  AheadPayload__Output as AheadPayload,
} from './gen/isotherm/stage/v1/AheadPayload.ts';
export type {
  GoAheadRequest as GoAheadRequestInput,
  GoAheadRequest__Output as GoAheadRequest,
} from './gen/isotherm/stage/v1/GoAheadRequest.ts';
export type {
  GoAheadResponse as GoAheadResponseInput,
  GoAheadResponse__Output as GoAheadResponse,
} from './gen/isotherm/stage/v1/GoAheadResponse.ts';
export type {
  Accepted as AcceptedInput,
  Accepted__Output as Accepted,
} from './gen/isotherm/stage/v1/Accepted.ts';
export type {
  CacheChange as CacheChangeInput,
  CacheChange__Output as CacheChange,
} from './gen/isotherm/stage/v1/CacheChange.ts';
export type {
  CacheStatus as CacheStatusInput,
  CacheStatus__Output as CacheStatus,
} from './gen/isotherm/stage/v1/CacheStatus.ts';
export type {
  CancelRequest as CancelRequestInput,
  CancelRequest__Output as CancelRequest,
} from './gen/isotherm/stage/v1/CancelRequest.ts';
export type {
  CancelResponse as CancelResponseInput,
  CancelResponse__Output as CancelResponse,
} from './gen/isotherm/stage/v1/CancelResponse.ts';
export type {
  DrainRequest as DrainRequestInput,
  DrainRequest__Output as DrainRequest,
} from './gen/isotherm/stage/v1/DrainRequest.ts';
export type {
  DrainResponse as DrainResponseInput,
  DrainResponse__Output as DrainResponse,
} from './gen/isotherm/stage/v1/DrainResponse.ts';
export type {
  Failed as FailedInput,
  Failed__Output as Failed,
} from './gen/isotherm/stage/v1/Failed.ts';
export type {
  GetStatusRequest as StageGetStatusRequestInput,
  GetStatusRequest__Output as StageGetStatusRequest,
} from './gen/isotherm/stage/v1/GetStatusRequest.ts';
export type {
  GetStatusResponse as StageGetStatusResponseInput,
  GetStatusResponse__Output as StageGetStatusResponse,
} from './gen/isotherm/stage/v1/GetStatusResponse.ts';
export type { Load as LoadInput, Load__Output as Load } from './gen/isotherm/stage/v1/Load.ts';
export type {
  ReconfigureRequest as ReconfigureRequestInput,
  ReconfigureRequest__Output as ReconfigureRequest,
} from './gen/isotherm/stage/v1/ReconfigureRequest.ts';
export type {
  ReconfigureResponse as ReconfigureResponseInput,
  ReconfigureResponse__Output as ReconfigureResponse,
} from './gen/isotherm/stage/v1/ReconfigureResponse.ts';
export type {
  StageServiceClient,
  StageServiceDefinition,
  StageServiceHandlers,
} from './gen/isotherm/stage/v1/StageService.ts';
export type {
  Timing as TimingInput,
  Timing__Output as Timing,
} from './gen/isotherm/stage/v1/Timing.ts';
export type {
  WatchRequest as WatchRequestInput,
  WatchRequest__Output as WatchRequest,
} from './gen/isotherm/stage/v1/WatchRequest.ts';
export type {
  DataType as DataTypeInput,
  DataType__Output as DataType,
} from './gen/isotherm/transfer/v1/DataType.ts';
export type {
  TokenLogprobs as TokenLogprobsInput,
  TokenLogprobs__Output as TokenLogprobs,
} from './gen/isotherm/stage/v1/TokenLogprobs.ts';
export type {
  TokenLogprob as RouterTokenLogprobInput,
  TokenLogprob__Output as RouterTokenLogprob,
} from './gen/isotherm/router/v1/TokenLogprob.ts';
export type {
  Handle as HandleInput,
  Handle__Output as Handle,
} from './gen/isotherm/transfer/v1/Handle.ts';
export type {
  Manifest as ManifestInput,
  Manifest__Output as Manifest,
} from './gen/isotherm/transfer/v1/Manifest.ts';
export type {
  PullRequest as PullRequestInput,
  PullRequest__Output as PullRequest,
} from './gen/isotherm/transfer/v1/PullRequest.ts';
export type {
  PullResponse as PullResponseInput,
  PullResponse__Output as PullResponse,
} from './gen/isotherm/transfer/v1/PullResponse.ts';
export type {
  PullSmallRequest as PullSmallRequestInput,
  PullSmallRequest__Output as PullSmallRequest,
} from './gen/isotherm/transfer/v1/PullSmallRequest.ts';
export type {
  PullSmallResponse as PullSmallResponseInput,
  PullSmallResponse__Output as PullSmallResponse,
} from './gen/isotherm/transfer/v1/PullSmallResponse.ts';
export type {
  ReleaseRequest as ReleaseRequestInput,
  ReleaseRequest__Output as ReleaseRequest,
} from './gen/isotherm/transfer/v1/ReleaseRequest.ts';
export type {
  ReleaseResponse as ReleaseResponseInput,
  ReleaseResponse__Output as ReleaseResponse,
} from './gen/isotherm/transfer/v1/ReleaseResponse.ts';
export type {
  SmallPayload as SmallPayloadInput,
  SmallPayload__Output as SmallPayload,
} from './gen/isotherm/transfer/v1/SmallPayload.ts';
export type {
  SmallPull as SmallPullInput,
  SmallPull__Output as SmallPull,
} from './gen/isotherm/transfer/v1/SmallPull.ts';
export type {
  Tensor as TensorInput,
  Tensor__Output as Tensor,
} from './gen/isotherm/transfer/v1/Tensor.ts';
export type {
  TransferServiceClient,
  TransferServiceDefinition,
  TransferServiceHandlers,
} from './gen/isotherm/transfer/v1/TransferService.ts';
export type {
  Answered as AnsweredInput,
  Answered__Output as Answered,
} from './gen/isotherm/upstream/v1/Answered.ts';
export type {
  ConversationJob as ConversationJobInput,
  ConversationJob__Output as ConversationJob,
} from './gen/isotherm/upstream/v1/ConversationJob.ts';
export type {
  HandedOver as HandedOverInput,
  HandedOver__Output as HandedOver,
} from './gen/isotherm/upstream/v1/HandedOver.ts';
export type {
  Text as UpstreamTextInput,
  Text__Output as UpstreamText,
} from './gen/isotherm/upstream/v1/Text.ts';
export type {
  UpstreamEvent as UpstreamEventInput,
  UpstreamEvent__Output as UpstreamEvent,
} from './gen/isotherm/upstream/v1/UpstreamEvent.ts';
export type {
  UpstreamServiceClient,
  UpstreamServiceDefinition,
  UpstreamServiceHandlers,
} from './gen/isotherm/upstream/v1/UpstreamService.ts';
export type {
  WatchResponse as UpstreamWatchResponseInput,
  WatchResponse__Output as UpstreamWatchResponse,
} from './gen/isotherm/upstream/v1/WatchResponse.ts';
export type * from './thermal.ts';
