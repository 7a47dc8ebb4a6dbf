import { describe, expect, it } from '@jest/globals';
import { choosePreempted } from './choose-preempted.ts';

const running = (...preemptions: readonly number[]) =>
  preemptions.map((count, joined) => ({ joined, preemptions: count }));

describe('choosePreempted', () => {
  it.each([
    { name: 'nobody of none', given: running(), chosen: undefined },
    { name: 'nobody of one: it would only begin again', given: running(0), chosen: undefined },
    { name: 'the youngest of equals', given: running(0, 0, 0), chosen: 2 },
    { name: 'the youngest of those that were put off least', given: running(0, 0, 1), chosen: 1 },
    { name: 'the one that never was, however old', given: running(0, 2, 1), chosen: 0 },
  ])('$name', ({ given, chosen }) => {
    expect(choosePreempted(given)?.joined).toBe(chosen);
  });

  it('does not depend on the order in which they are listed', () => {
    const given = running(1, 0, 0, 2);
    expect(choosePreempted(given.toReversed())).toBe(given[2]);
  });
});
