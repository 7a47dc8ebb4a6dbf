import { expect, it } from '@jest/globals';
import { hashBytes } from './content-hash.ts';

it('hashes a file by its bytes, wherever they lie and whatever holds them', () => {
  const bytes = Uint8Array.from({ length: 23 }, (_, index) => index * 7);
  const expected = hashBytes(bytes);
  for (const offset of [0, 1, 2, 3, 4]) {
    const room = Buffer.alloc(40);
    room.set(bytes, offset);
    expect(hashBytes(room.subarray(offset, offset + 23))).toBe(expected);
    expect(hashBytes(new Uint8Array(room.buffer, room.byteOffset + offset, 23))).toBe(expected);
  }
  expect(hashBytes(bytes.with(22, 0))).not.toBe(expected);
});
