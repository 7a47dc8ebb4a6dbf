import { describe, expect, it } from '@jest/globals';
import { parseDataUrl } from './data-url.ts';

describe('a data URL', () => {
  it('gives bytes and type', () => {
    const url = `data:Image/PNG;charset=x;base64,${Buffer.from('picture').toString('base64')}`;
    const { bytes, mimeType } = parseDataUrl(url, 'p');
    expect([Buffer.from(bytes).toString(), mimeType]).toEqual(['picture', 'image/png']);
  });

  it('of many megabytes is read without trouble', () => {
    const big = Buffer.alloc(12 << 20, 7);
    const { bytes } = parseDataUrl(`data:image/png;base64,${big.toString('base64')}`, 'p');
    expect(Buffer.compare(bytes, big)).toBe(0);
  });

  it.each([
    ['a link', 'https://example.com/a.png', 'unsupported'],
    ['a file', 'file:///etc/passwd', 'invalid_argument'],
    ['no base64', 'data:image/png,raw', 'invalid_argument'],
    ['other characters', 'data:image/png;base64,iVBO$w0K', 'invalid_argument'],
    ['padding in the middle', 'data:image/png;base64,iVBO=w0K', 'invalid_argument'],
    ['nothing', '', 'invalid_argument'],
  ])('that is %s is refused', (_, url, code) => {
    expect(() => parseDataUrl(url, 'p')).toThrow(expect.objectContaining({ code, param: 'p' }));
  });
});
