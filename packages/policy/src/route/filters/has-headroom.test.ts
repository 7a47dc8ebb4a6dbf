import { describe, expect, it } from '@jest/globals';
import { conservativeHeadroom } from '../../headroom/headroom.ts';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { hasHeadroomFilter } from './has-headroom.ts';

describe('has-headroom', () => {
  const cool = conservativeHeadroom(1);
  it.each([
    { name: 'keeps what has enough', headroom: conservativeHeadroom(0.1), kept: true },
    { name: 'drops what has less', headroom: conservativeHeadroom(0.09), kept: false },
    { name: 'drops decode from hot memory', headroom: { ...cool, memoryShare: 0.06 }, kept: false },
    { name: 'keeps decode on a warm core', headroom: { ...cool, coreShare: 0.06 }, kept: true },
    { name: 'keeps what nobody knows', headroom: undefined, kept: true },
  ])('$name', ({ headroom, kept }) => {
    const instance = exampleInstance('one', headroom && { headroom });
    expect(hasHeadroomFilter(0.1).keeps(instance, exampleRequest())).toBe(kept);
  });
});
