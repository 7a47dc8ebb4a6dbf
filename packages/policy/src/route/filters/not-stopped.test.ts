import { describe, expect, it } from '@jest/globals';
import { conservativeHeadroom } from '../../headroom/headroom.ts';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { preferred } from '../preferred.ts';
import { notStoppedFilter } from './not-stopped.ts';

const none = conservativeHeadroom(0);

describe('not-stopped', () => {
  it.each([
    { name: 'drops what has nothing of anything', headroom: none, kept: false },
    {
      name: 'keeps what is only short of power',
      headroom: { ...none, coreShare: 0.1 },
      kept: true,
    },
    { name: 'keeps what nobody knows', headroom: undefined, kept: true },
  ])('$name', ({ headroom, kept }) => {
    const instance = exampleInstance('one', headroom && { headroom });
    expect(notStoppedFilter.keeps(instance, exampleRequest())).toBe(kept);
  });

  it('is not waived for what others have to do, only where there is no other', () => {
    const stopped = exampleInstance('stopped', { headroom: none });
    const busy = exampleInstance('busy', { bookedTokens: 1e9 });
    const request = exampleRequest({ crowded: true });
    expect(preferred([notStoppedFilter], request, [stopped, busy]).kept).toEqual([busy]);
    expect(preferred([notStoppedFilter], request, [stopped]).kept).toEqual([stopped]);
  });
});
