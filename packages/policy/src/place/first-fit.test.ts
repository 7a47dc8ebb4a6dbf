import { describe, expect, it } from '@jest/globals';
import { exampleGpu, exampleServer } from './example-placement.ts';
import { placeFirstFit } from './first-fit.ts';

describe('first fit', () => {
  const taken = exampleServer('a', [exampleGpu(0, 45, 45, false)]);
  const hot = exampleServer('b', [exampleGpu(1, 99), exampleGpu(0, 99)]);
  const cool = exampleServer('c');

  it('takes the first by id with a free GPU, however hot', () => {
    const decision = placeFirstFit(
      ...[{ tenant: 'opaque', gpus: 1 } as const, { servers: [cool, hot, taken], levels: [] }],
    );
    expect(decision).toMatchObject({ kind: 'placed', place: { server: 'b', gpus: [0] } });
    expect(decision.trace.dropped).toEqual({ a: { validator: 'free-gpus', at: '0' } });
  });

  it.each([
    ['no_server', []],
    ['all_dropped', [taken]],
  ] as const)('rejects with %s', (reason, servers) => {
    const work = { tenant: 'opaque', gpus: 1 } as const;
    expect(placeFirstFit(work, { servers, levels: [] })).toMatchObject({ reason });
  });

  it('heeds the class', () => {
    const work = { tenant: 'opaque', gpus: 1, serverKind: 'other' } as const;
    const decision = placeFirstFit(work, { servers: [cool], levels: [] });
    expect(decision.trace.dropped).toEqual({ c: { validator: 'server-kind', at: 'class' } });
  });
});
