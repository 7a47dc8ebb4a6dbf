import { describe, expect, test } from '@jest/globals';
import { formatPlace, gpuIdsOf, parsePlace } from './place.ts';

describe('parsePlace', () => {
  test('a server and its GPUs, there and back', () => {
    const place = parsePlace('r1-k2-s3/0,1');
    expect(place).toEqual({ server: 'r1-k2-s3', gpus: [0, 1] });
    expect(place && formatPlace(place)).toBe('r1-k2-s3/0,1');
    expect(place && gpuIdsOf(place)).toEqual(['r1-k2-s3/0', 'r1-k2-s3/1']);
  });

  test.each([
    ...['', 'r1', 'r1/', '/0', 'r1/0,', 'r1/a', 'r1/-1', 'r1/01', 'r1/0,0', 'r1/0/1', 'R1/0'],
    ...['r1/1e2', 'r1/1000', ' r1/0'],
  ])('%j is no place', (text) => {
    expect(parsePlace(text)).toBeUndefined();
  });
});
