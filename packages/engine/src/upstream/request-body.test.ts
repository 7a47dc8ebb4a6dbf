import { describe, expect, it } from '@jest/globals';
import { requestBodyOf, type RequestBody } from './request-body.ts';

const textOf = async (body: RequestBody): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};
const base64 = (file: Uint8Array): string => Buffer.from(file).toString('base64');
const fileOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31) % 256);

describe('a body with files', () => {
  const file = (3 << 18) * 2;

  it.each([0, 1, 2, 3, 4, file - 1, file, file + 1])(
    'is the JSON that one string would be, with a file of %d bytes',
    async (length) => {
      const [one, other] = [fileOf(length), fileOf(5)];
      const make = (spell: (file: Uint8Array) => string) => ({
        text: 'Ü "0:" 1:',
        urls: [`data:image/png;base64,${spell(one)}`, `${spell(other)},${spell(one)}`],
      });
      const body = requestBodyOf(make);
      const text = await textOf(body);
      expect(text === JSON.stringify(make(base64))).toBe(true);
      expect(body.bytes).toBe(Buffer.byteLength(text));
      expect((await textOf(body)) === text).toBe(true);
    },
  );

  it('lets the event loop turn while a large one is spelled', async () => {
    let turns = 0;
    const count = (): void => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    const large = fileOf(8 << 20);
    for await (const chunk of requestBodyOf((spell) => [spell(large)]).chunks()) {
      expect(chunk.length).toBeLessThanOrEqual(1 << 20);
    }
    clearImmediate(timer);
    expect(turns).toBeGreaterThanOrEqual(8);
  });
});
