import { describe, expect, it } from '@jest/globals';
import { nextMedia, passedOverMax } from './encode-order.ts';

const waits = (request: string, tokens = 36, passedOver = 0) => ({ request, tokens, passedOver });
const namesOf = (media: readonly { readonly request: string }[]) =>
  media.map(({ request }) => request).join(' ');

describe('who is encoded next', () => {
  it.each([
    ['the first of equals', [waits('a'), waits('b')], 1, 'a'],
    [
      'a request of one before a request of three',
      [waits('a'), waits('a'), waits('a'), waits('b')],
      1,
      'b',
    ],
    ['small media before large ones', [waits('a', 500), waits('b', 36), waits('b', 36)], 2, 'b b'],
    ['one that waited too long', [waits('a', 500, passedOverMax), waits('b')], 1, 'a'],
    ['all where there is room', [waits('a', 500), waits('b')], 2, 'a b'],
    ['nobody of none', [], 3, ''],
  ] as const)('%s', (_, waiting, count, expected) => {
    expect(namesOf(nextMedia(waiting, count))).toBe(expected);
  });
});
