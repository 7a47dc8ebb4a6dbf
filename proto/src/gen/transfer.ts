import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

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

