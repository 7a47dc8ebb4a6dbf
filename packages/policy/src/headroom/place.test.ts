import { describe, expect, it } from '@jest/globals';
import { formatPlace, gpuIds, parsePlace } from './place.ts';

describe('a place', () => {
  it.each(['r1-k2-s3/0,1', 'host.example/7', 'a/0'])('%s reads as it is written', (text) => {
    const place = parsePlace(text);
    expect(place && formatPlace(place)).toBe(text);
  });

  it.each(['', 'r1', 'r1/', '/0', 'r1/a', 'r1/0,', 'r1/0,0', 'r1/-1', 'r1/1.5', 'a b/0', 'a/b/0'])(
    '"%s" is none',
    (text) => {
      expect(parsePlace(text)).toBeUndefined();
    },
  );

  it('names its GPUs', () => {
    expect(gpuIds({ server: 's', gpus: [0, 3] })).toEqual(['s/0', 's/3']);
  });
});
