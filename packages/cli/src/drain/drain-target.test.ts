import { describe, expect, it } from '@jest/globals';
import type { RouterGetStatusResponse } from '@isotherm/proto';
import { drainTarget, refuseLast } from './drain-target.ts';

const instance = (instanceId: string, ready = true, stage = 'decode', model = 'panel') => ({
  ...{ instanceId, stage, model, ready, address: `${instanceId}:1`, pendingTokens: 0, bookings: 0 },
  ...{ cache: null, precision: '', breaker: 'closed' },
});
const status = (different: object): RouterGetStatusResponse =>
  ({
    ...{ routerId: 'r1', instances: [], routers: [], ...different },
  }) as unknown as RouterGetStatusResponse;

describe('who is drained', () => {
  it('is found by its id, among instances and routers', () => {
    const known = status({
      instances: [instance('a'), instance('b')],
      routers: [
        { routerId: 'r1', address: 'r1:1', state: 'serving' },
        { routerId: 'r2', address: 'r2:1', state: 'draining' },
      ],
    });
    expect(drainTarget(known, 'b')).toEqual({
      ...{ kind: 'instance', id: 'b', address: 'b:1', lastOf: undefined },
    });
    expect(drainTarget(known, 'r1')).toMatchObject({ kind: 'router', lastOf: 'router' });
    expect(drainTarget(known, 'r2')).toMatchObject({ kind: 'router', lastOf: undefined });
    expect(() => drainTarget(known, 'c')).toThrow('There is no "c"; there are a, b, r1, r2.');
  });

  it('is not the last that can do its work, unless that is wanted', () => {
    const others = [instance('away', false), instance('x', true, 'encode')];
    const last = drainTarget(
      status({ instances: [instance('a'), ...others, instance('y', true, 'decode', 'other')] }),
      'a',
    );
    expect(last.lastOf).toBe('decode of panel');
    expect(() => refuseLast(last, false)).toThrow(/last ready decode of panel.*--force/);
    expect(() => refuseLast(last, true)).not.toThrow();
  });
});
