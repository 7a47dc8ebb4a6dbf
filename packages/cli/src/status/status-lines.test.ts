import { describe, expect, it } from '@jest/globals';
import type { RouterGetStatusResponse } from '@isotherm/proto';
import { statusJson } from './status-json.ts';
import { statusLines } from './status-lines.ts';

type Instance = RouterGetStatusResponse['instances'][number];
type Headroom = NonNullable<Instance['headroom']>;

const headroom = (different: Partial<Headroom> = {}): Headroom => ({
  ...{ powerShare: 0.4, coreShare: 0.8, memoryShare: 0.7, binding: 'row:r1' },
  ...{ conservative: false, stageShare: 0.4 },
  ...different,
});
const instance = (different: Partial<Instance> = {}): Instance => ({
  ...{ instanceId: 'decode-1', stage: 'decode', model: 'm', address: 'h:1', ready: true },
  ...{ pendingTokens: 0, bookings: 0, cache: null, precision: '', breaker: 'closed' },
  ...{ headroom: null, place: '', reportedTokens: 0 },
  ...different,
});
const answer = (different: Partial<RouterGetStatusResponse> = {}): RouterGetStatusResponse => ({
  ...{ routerId: 'router-1', models: ['m'], instances: [instance()], requests: 1 },
  ...{ bookings: 2, leases: 3, routers: [], admission: null, loopDelayMs: 0 },
  ...{ headroom: null, hedges: null, largePool: null },
  ...different,
});
const fresh = {
  ...{ state: 'fresh', thermalId: 'thermal-1', address: 'h:9', ageMs: 440, routes: true },
};

describe('what a router knows, for people', () => {
  it('leaves heat out where nobody knows it, and says so', () => {
    expect(statusLines(answer(), 'h:5')).toEqual([
      'router-1 at h:5 serves m: 1 requests in flight, 2 bookings, 3 leases',
      'headroom: no thermal service is heard, so heat has no say in where work goes',
      '',
      'stage   instance  address  model  state  jobs  pending tokens  cache  hits',
      'decode  decode-1  h:1      m      ready     0               0',
    ]);
  });

  it.each([
    [fresh, 'headroom: fresh, by thermal-1 at h:9, heard 0.4 s ago'],
    [
      { ...fresh, state: 'conservative', ageMs: 12_000 },
      'headroom: conservative, by thermal-1 at h:9, heard 12.0 s ago: too long to be believed, ' +
        'so little is assumed to be left',
    ],
    [
      { ...fresh, routes: false },
      'headroom: fresh, by thermal-1 at h:9, heard 0.4 s ago; no work is routed by it',
    ],
  ])('says where headroom comes from: %j', (source, line) => {
    expect(statusLines(answer({ headroom: source }), 'h:5')).toContain(line);
  });

  it.each<[Partial<Instance>, RegExp]>([
    [{ place: 'r1-k1-s1/0,1,2,3', headroom: headroom() }, /r1-k1-s1\/0-3 +40 % {2}row r1$/],
    [{ place: 's/0,2', headroom: headroom({ coreShare: 0.1 }) }, /s\/0,2 .*core temperature$/],
    [{ place: 's/7', headroom: headroom({ memoryShare: 0.1 }) }, /s\/7 .*memory temperature$/],
    [{ headroom: headroom({ conservative: true, stageShare: 0.25 }) }, / assumed 25 %$/],
  ])('shows the place and the headroom of an instance: %j', (different, row) => {
    const lines = statusLines(answer({ instances: [instance(different)] }), 'h:5');
    expect(lines.at(-1)).toMatch(row);
  });

  it('tells an instance that fails from one that is away', () => {
    const instances = [instance({ breaker: 'open' }), instance({ ready: false })];
    const rows = statusLines(answer({ instances }), 'h:5').slice(-2);
    expect(rows[0]).toContain('failing');
    expect(rows[1]).toContain('away');
  });
});

describe('what a router knows, for programs', () => {
  it('has place and headroom, and where that comes from', () => {
    const instances = [instance({ place: 's/0', headroom: headroom() }), instance()];
    expect(statusJson('h:5', answer({ instances, headroom: fresh }))).toMatchObject({
      headroom: {
        ...{ state: 'fresh', thermal: 'thermal-1', address: 'h:9', age_ms: 440, routes: true },
      },
      instances: [
        {
          place: 's/0',
          headroom: {
            ...{ power_share: 0.4, core_share: 0.8, memory_share: 0.7, stage_share: 0.4 },
            ...{ binding: 'row:r1', conservative: false },
          },
        },
        { place: null, headroom: null },
      ],
    });
  });

  it('has no thermal service where none is heard', () => {
    expect(statusJson('h:5', answer())).toMatchObject({
      headroom: { state: 'none', thermal: null, address: null, routes: false },
    });
  });
});
