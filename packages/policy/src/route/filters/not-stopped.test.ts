import { describe, expect, it } from '@jest/globals';
import { conservativeHeadroom } from '../../headroom/headroom.ts';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { preferred } from '../preferred.ts';
import { notStoppedFilter, stoppedNowFilter } from './not-stopped.ts';

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
    expect(notStoppedFilter.keeps(instance, exampleRequest(), 0)).toBe(kept);
  });

  it('is not waived for what others have to do, only where there is no other', () => {
    const stopped = exampleInstance('stopped', { headroom: none });
    const busy = exampleInstance('busy', { bookedTokens: 1e9 });
    const request = exampleRequest({ crowded: true });
    expect(preferred([notStoppedFilter], request, [stopped, busy]).kept).toEqual([busy]);
    expect(preferred([notStoppedFilter], request, [stopped]).kept).toEqual([stopped]);
  });
});

describe('stopped-now', () => {
  it.each([
    { name: 'drops what is said to be stopped', different: { conservative: false }, kept: false },
    { name: 'keeps what was said too long ago', different: { conservative: true }, kept: true },
    {
      name: 'keeps what has anything left',
      different: { conservative: false, memoryShare: 0.1 },
      kept: true,
    },
  ])('$name', ({ different, kept }) => {
    const instance = exampleInstance('one', { headroom: { ...none, ...different } });
    expect(stoppedNowFilter.keeps(instance, exampleRequest())).toBe(kept);
    expect(stoppedNowFilter.keeps(exampleInstance('unknown'), exampleRequest())).toBe(true);
  });
});
