import { describe, expect, it } from '@jest/globals';
import { defaultRoutePolicy } from './default-policy.ts';
import { exampleInstance, exampleRequest } from './example-instance.ts';
import { selectInstance } from './select-instance.ts';

const chosen = (...instances: Parameters<typeof selectInstance>[2][number][]) => {
  const decision = selectInstance(defaultRoutePolicy, exampleRequest(), instances, () => 0);
  return decision.kind === 'selected' ? decision.instance.id : decision.reason;
};

describe('the default policy', () => {
  it('takes the least loaded instance that can do the work', () => {
    expect(
      chosen(
        exampleInstance('idle but draining', { ready: false }),
        exampleInstance('busy', { bookedTokens: 500 }),
        exampleInstance('less busy', { bookedTokens: 100 }),
      ),
    ).toBe('less busy');
  });

  it('never takes an instance of another stage, whatever its load', () => {
    expect(chosen(exampleInstance('prefill', { stage: 'prefill' }))).toBe('all_filtered');
  });
});
