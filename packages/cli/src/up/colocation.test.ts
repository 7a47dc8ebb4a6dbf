import { describe, expect, it } from '@jest/globals';
import { colocatedServices, refuseToColocate, servicesText } from './colocation.ts';

describe('the value of --colocate', () => {
  it('names two or three services, in any order', () => {
    expect(colocatedServices('encoder,prefill')).toEqual(['encoder', 'prefill']);
    expect(colocatedServices('decode, prefill,encoder')).toEqual(['decode', 'prefill', 'encoder']);
  });

  it.each([
    ['encode,prefill', /"encode" is no service/],
    ['encoder,router', /The router always has a process of its own/],
    ['upstream,decode', /has its own process/],
    ['encoder,', /A name is missing/],
    ['decode,decode', /decode is named twice/],
    ['prefill', /prefill alone shares/],
  ])('is refused as "%s", with what would be right', (text, why) => {
    expect(() => colocatedServices(text)).toThrow(why);
    expect(() => colocatedServices(text)).toThrow(
      /encoder, prefill, decode, as in encoder,prefill/,
    );
  });
});

describe('colocation', () => {
  it('goes neither with --embedded nor with servers', () => {
    expect(() => refuseToColocate({ embedded: true }, 0)).toThrow(/--embedded/);
    expect(() => refuseToColocate({}, 1)).toThrow(/--upstream/);
    expect(() => refuseToColocate({}, 0)).not.toThrow();
  });

  it('shows what shares a process', () => {
    const shape = { router: 1, encoder: 2, prefill: 1, decode: 3, upstream: 0, thermal: 0 };
    expect(servicesText(shape, [])).toBe('1 router, 2 encoder, 1 prefill, 3 decode');
    expect(servicesText(shape, ['prefill', 'encoder'])).toBe(
      '1 router, 3 decode, 1 colocated (2 encoder, 1 prefill)',
    );
  });
});
