import { describe, expect, it } from '@jest/globals';
import { payloadDigest } from './digest.ts';
import { bytesPayload, type Payload } from './payload.ts';

const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const millionA = 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const frames = (...contents: readonly string[]): Payload => ({
  tensors: contents.flatMap((content) => bytesPayload(text(content)).tensors),
  attributes: { kind: 'frames' },
});

describe('payloadDigest', () => {
  it.each([
    { name: 'small, in place', content: 'abc', expected: abc },
    { name: 'large, on another thread', content: 'a'.repeat(1e6), expected: millionA },
  ])('is SHA-256 of a file ($name)', async ({ content, expected }) => {
    expect(await payloadDigest(bytesPayload(text(content)))).toBe(expected);
  });

  it('looks at a view of a buffer, not at the buffer', async () => {
    expect(await payloadDigest(bytesPayload(text('xabcx').subarray(1, 4)))).toBe(abc);
  });

  it('tells lists of frames apart from files and from lists that are cut differently', async () => {
    const all = [bytesPayload(text('abc')), frames('abc'), frames('a', 'bc'), frames('ab', 'c')];
    expect(new Set(await Promise.all(all.map(payloadDigest))).size).toBe(4);
  });
});
