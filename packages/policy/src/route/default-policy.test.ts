import { describe, expect, it } from '@jest/globals';
import { conservativeHeadroom } from '../headroom/headroom.ts';
import { defaultRoutePolicy, withoutHeadroom } from './default-policy.ts';
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

  it('keeps off what is hot, unless all are, and says so', () => {
    const hot = { headroom: conservativeHeadroom(0.01) };
    const instances = [exampleInstance('hot', hot), exampleInstance('busy', { bookedTokens: 100 })];
    expect(chosen(...instances)).toBe('busy');
    expect(
      chosen(exampleInstance('hot', hot), exampleInstance('busy', { bookedTokens: 999 })),
    ).toBe('hot');
    const decision = selectInstance(
      ...([defaultRoutePolicy, exampleRequest(), instances.slice(0, 1), () => 0] as const),
    );
    expect(decision).toMatchObject({ kind: 'selected', trace: { waived: ['has-headroom'] } });
  });

  it('does not know of heat when the lever is off', () => {
    const instances = [
      exampleInstance('hot', { headroom: conservativeHeadroom(0) }),
      exampleInstance('busy', { bookedTokens: 9 }),
    ];
    const policy = withoutHeadroom(defaultRoutePolicy);
    const decision = selectInstance(policy, exampleRequest(), instances, () => 0);
    expect(decision).toMatchObject({ kind: 'selected', instance: { id: 'hot' } });
    expect(policy.scorers.map(({ scorer }) => scorer.name)).not.toContain('headroom');
  });
});
