import { describe, expect, it } from '@jest/globals';
import { applyPose, type Draft, posesFrom } from './draft.ts';
import { drafted, exampleDraft } from './example-draft.ts';
import { exampleKeys } from './example-plan.ts';
import { soften } from './soften.ts';

const put = (draft: Draft, id: string, at: number) => {
  const one = drafted(draft, id);
  const to = posesFrom(one, one.posed).find(
    ({ setting }) => setting.configuration === exampleKeys[at],
  );
  if (to !== undefined) applyPose(draft, one, to);
};
const settings = (draft: Draft) =>
  ['a', 'b'].map((id) => exampleKeys.indexOf(drafted(draft, id).posed.setting.configuration));
const engaged = new Set(['row:r']);

describe('softening', () => {
  it('takes back what another one covers, that which gave up the most first', () => {
    const draft = exampleDraft();
    put(draft, 'a', 2);
    put(draft, 'b', 4);
    soften(draft, engaged);
    expect(settings(draft)).toEqual([1, 0]);
  });

  it('takes the mildest setting that keeps the target', () => {
    const draft = exampleDraft();
    put(draft, 'a', 2);
    soften(draft, engaged);
    expect(settings(draft)).toEqual([1, 0]);
  });

  it('takes nothing back while the target is missed', () => {
    const draft = exampleDraft(undefined, { targetShare: 0.5 });
    put(draft, 'a', 2);
    put(draft, 'b', 4);
    soften(draft, engaged);
    expect(settings(draft)).toEqual([2, 4]);
  });
});
