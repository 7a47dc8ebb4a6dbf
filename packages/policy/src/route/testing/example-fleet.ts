import type { Stage } from '@isotherm/kernel';
import fc from 'fast-check';
import { levels } from '../../headroom/level.ts';
import type { RouteRequest } from '../contract.ts';
import { exampleInstance, exampleRequest } from '../example-instance.ts';

const stage = fc.constantFrom<Stage>('encode', 'prefill', 'decode');
const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const headroom = fc.record({
  ...{ powerShare: share, coreShare: share, memoryShare: share, conservative: fc.boolean() },
  binding: fc.record({ level: fc.constantFrom(...levels), id: fc.constant('one') }),
});
const view = fc.record({
  ...{ stage, ready: fc.boolean(), tripped: fc.boolean() },
  model: fc.constantFrom('panel', 'other'),
  capacity: fc.integer({ min: 0, max: 64 }),
  contextMax: fc.integer({ min: 50, max: 150 }),
  bookedTokens: fc.nat(1e9),
  reportedTokens: fc.double({ min: 0, max: 1e9, noNaN: true }),
  queueAgeMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  headroom,
  processId: fc.constantFrom('', 'p', 'q'),
  sharesWith: fc.array(stage, { maxLength: 2 }).map((shared) => new Set(shared)),
  cacheKeys: keys.map((held) => new Set(held)),
  kvBytes: fc.nat(2 ** 31 - 1),
  kvBytesMax: fc.nat(2 ** 31 - 1),
});
/** Instances of all kinds, in all states. */
export const fleet = fc
  .array(view, { maxLength: 24 })
  .map((views) => views.map((fields, index) => exampleInstance(`i${index}`, fields)));
/** Work of all kinds. */
export const request = fc
  .record({
    stage,
    cacheKeys: keys,
    beside: fc.option(stage, { nil: undefined }),
    tokens: fc.nat(9999),
    inputTokens: fc
      .dictionary(fc.constantFrom('p', 'q'), fc.nat(9999))
      .map((held) => new Map(Object.entries(held))),
  })
  .chain(({ beside, ...fields }) =>
    fc.subarray(['i0', 'i1', 'i2']).map((excluded) =>
      exampleRequest({
        ...{ ...fields, ...(beside !== undefined && { beside }) },
        excluded: new Set(excluded) as unknown as RouteRequest['excluded'],
      }),
    ),
  );
