import { describe, expect, it } from '@jest/globals';
import { instanceId, manualClock } from '@isotherm/kernel';
import type { RouteTrace } from '@isotherm/policy';
import { createRecordBook } from '../record/record-book.ts';
import { explain } from './explain.ts';

const nobody: RouteTrace = { kept: [], columns: [], totals: [], dropped: [], droppedBy: [] };

const placedWith = (trace: RouteTrace) => {
  const book = createRecordBook({ tracesMax: 2, traceInstancesMax: 3 }, manualClock(1000));
  const placement = { stage: 'decode', picked: instanceId('decode-1'), trace } as const;
  book.open('request').place(placement);
  return explain(book, 'router-1', 'request').notes?.[0]?.placement;
};

describe('a record as it travels', () => {
  it('names the preferences that did not count', () => {
    const placement = placedWith({ ...nobody, waived: ['has-headroom'] });
    expect(placement).toMatchObject({ picked: 'decode-1', waived: ['has-headroom'] });
    expect(placedWith(nobody)).toMatchObject({ waived: [] });
  });

  it('is not found where there is none', () => {
    const book = createRecordBook({ tracesMax: 2, traceInstancesMax: 3 }, manualClock(1000));
    expect(() => explain(book, 'router-1', 'nothing')).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
  });
});
