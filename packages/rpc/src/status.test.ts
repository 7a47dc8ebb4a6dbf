import { describe, expect, it } from '@jest/globals';
import { Metadata, status } from '@grpc/grpc-js';
import { Fault, faultCodes, faultTable } from '@isotherm/kernel';
import { faultOf, statusOf } from './status.ts';

const asError = (object: ReturnType<typeof statusOf>): Error =>
  Object.assign(new Error(object.details), object);

describe('faults over gRPC', () => {
  it.each(faultCodes)('%s arrives as it was sent', (code) => {
    const sent = new Fault(code, 'What was wrong.', { param: 'messages[0]' });
    const object = statusOf(sent);
    expect(object.code).toBe(faultTable[code].grpcStatus);
    expect(faultOf(asError(object))).toMatchObject({
      code,
      message: 'What was wrong.',
      param: 'messages[0]',
    });
  });

  it('hides the text of unexpected errors', () => {
    expect(statusOf(new Error('a secret'))).toMatchObject({
      code: status.INTERNAL,
      details: 'Internal error.',
    });
  });

  it("reads a foreign peer's status by its code", () => {
    const error = Object.assign(new Error('14 UNAVAILABLE: gone'), {
      code: status.UNAVAILABLE,
      details: 'gone',
      metadata: new Metadata(),
    });
    expect(faultOf(error)).toMatchObject({ code: 'unavailable', message: 'gone' });
  });

  it('keeps header values ASCII', () => {
    const fault = new Fault('invalid_argument', 'x', { param: 'naïve\n' });
    expect(statusOf(fault).metadata.get('isotherm-param')).toEqual(['na?ve?']);
  });
});
