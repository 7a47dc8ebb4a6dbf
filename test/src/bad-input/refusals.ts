import { expect } from '@jest/globals';
import { type FaultCode, faultTable } from '@isotherm/kernel';
import type { ChatOutcome } from '../harness/chat.ts';
import type { Answer } from '../harness/generate.ts';

/** What a refusal must say, in whatever protocol. */
export interface Refusal {
  readonly code: FaultCode;
  /** The field at fault as its client spells it; null where there is none. */
  readonly param: string | null;
  readonly message: RegExp;
}

/** A sentence for a person: not a stack, a path or the name of an exception. */
const expectReadable = (message: string, wanted: RegExp): void => {
  expect(message).toMatch(wanted);
  expect(message).toMatch(/^[A-Za-z].{8,400}[.…]$/s);
  expect(message).not.toMatch(/\bat \S+:\d+|node_modules|[A-Z]\w+Error\b|undefined|\[object/);
};

/** OpenAI's error object, with the status that the table of codes gives. */
export const expectHttpRefusal = (outcome: ChatOutcome, refusal: Refusal): void => {
  if (outcome.kind !== 'refused') throw new Error('It was answered, and should have been refused.');
  const { status, error } = outcome;
  const type = faultTable[refusal.code].httpStatus < 500 ? 'invalid_request_error' : 'server_error';
  const { code, param } = refusal;
  expect({ status, ...error, message: '' }).toEqual({
    status: faultTable[code].httpStatus,
    code,
    param,
    type,
    message: '',
  });
  expectReadable(error.message, refusal.message);
};

/** A gRPC status with the same code, and the project's own code and field in its trailers. */
export const expectRefusal = (answer: Answer, refusal: Refusal): void => {
  if (answer.kind !== 'failed') throw new Error('It was answered, and should have been refused.');
  const { code, param, message, cause } = answer.fault;
  expect({ code, param: param ?? null }).toEqual({ code: refusal.code, param: refusal.param });
  expect(cause).toMatchObject({ code: faultTable[refusal.code].grpcStatus });
  expectReadable(message, refusal.message);
};
