import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { kindOf } from './medium.ts';

const solid = sharp({ create: { width: 4, height: 4, channels: 3, background: '#123456' } });
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('kindOf', () => {
  it.each([
    ['RIFF\0\0\0\0WAVEfmt ', 'audio'],
    ['fLaC\0\0\0', 'audio'],
    ['OggS\0\x02', 'audio'],
    ['ID3\x04', 'audio'],
    ['\xff\xfb\x90\x00', 'audio'],
    ['\0\0\0\x20ftypisom', 'video'],
    ['\0\0\0\x20ftypavif', 'image'],
    ['\x1a\x45\xdf\xa3', 'video'],
    ['\xff\xd8\xff\xe0', 'image'],
    ['GIF89a and no more', 'image'],
    ['', 'image'],
    ['no medium at all', 'image'],
  ])('of %j is %s', async (head, kind) => {
    expect(await kindOf(latin1(head))).toBe(kind);
  });

  it('of GIF and WebP depends on whether they are animated', async () => {
    const frames = [
      await solid.clone().png().toBuffer(),
      await solid.clone().negate().png().toBuffer(),
    ];
    const animated = sharp(frames, { join: { animated: true } });
    expect(await kindOf(await animated.clone().gif().toBuffer())).toBe('video');
    expect(await kindOf(await animated.clone().webp().toBuffer())).toBe('video');
    expect(await kindOf(await solid.clone().gif().toBuffer())).toBe('image');
    expect(await kindOf(await solid.clone().webp().toBuffer())).toBe('image');
  });
});
