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

  it('says when to come again, and nothing of it where nothing is known', () => {
    const sent = statusOf(new Fault('rate_limited', 'Later.', { retryAfterMs: 1234.5 }));
    expect(sent.metadata.get('grpc-retry-pushback-ms')).toEqual(['1235']);
    expect(faultOf(asError(sent)).retryAfterMs).toBe(1235);
    const other = faultOf(asError(statusOf(new Fault('saturated', 'Full.'))));
    expect(other.retryAfterMs).toBeUndefined();
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
