import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { kvRoomScorer } from './kv-room.ts';

describe('kv-room', () => {
  it.each([
    { name: 'an empty memory scores 1', kvBytes: 0, kvBytesMax: 1000, expected: 1 },
    { name: 'half of it 0.5', kvBytes: 500, kvBytesMax: 1000, expected: 0.5 },
    { name: 'a full one 0', kvBytes: 1000, kvBytesMax: 1000, expected: 0 },
    { name: 'no bound scores 1', kvBytes: 0, kvBytesMax: 0, expected: 1 },
  ])('$name', ({ kvBytes, kvBytesMax, expected }) => {
    const instance = exampleInstance('one', { kvBytes, kvBytesMax });
    expect(kvRoomScorer.score([instance], exampleRequest())).toEqual([expected]);
  });
});
