import type {
  BatchResult,
  BatchResultInput,
  GenerateRequest,
  GenerateRequestInput,
} from '@isotherm/proto';
import { protos } from '@isotherm/rpc';

const { Generate, GetBatch } = protos.isotherm.router.v1.RouterService.service;

/** Requests and results as the store keeps them: the bytes of the contract's own messages. */
export const bytesOfRequest = (request: GenerateRequestInput): Uint8Array =>
  Generate.requestSerialize(request);

export const requestOfBytes = (bytes: Uint8Array): GenerateRequest =>
  Generate.requestDeserialize(Buffer.from(bytes));

export const bytesOfResult = (result: BatchResultInput): Uint8Array =>
  GetBatch.responseSerialize({ results: [result] });

export const resultsOfBytes = (bytes: Uint8Array): readonly BatchResult[] =>
  GetBatch.responseDeserialize(Buffer.from(bytes)).results;
