import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createStopFilter } from './stop-strings.ts';

/** What comes out when a text goes through in pieces, up to its end or to a stop. */
const through = (
  stops: readonly string[],
  pieces: readonly string[],
): { readonly text: string; readonly stopped: boolean; readonly after: readonly string[] } => {
  const filter = createStopFilter(stops);
  const after: string[] = [];
  let text = '';
  for (const piece of pieces) {
    const next = filter.push(piece);
    text += next.text;
    after.push(text);
    if (next.stopped) return { text, stopped: true, after };
  }
  text += filter.end();
  return { text, stopped: false, after };
};

describe('a stop filter', () => {
  it('holds back what may become a stop string, and no more', () => {
    expect(through(['END'], ['a', 'bE', 'N', 'd', 'EN', 'D', '!'])).toEqual({
      text: 'abENd',
      stopped: true,
      after: ['a', 'ab', 'ab', 'abENd', 'abENd', 'abENd'],
    });
  });

  it('gives back what turned out to be none', () => {
    expect(through(['###'], ['x', '##'])).toMatchObject({ text: 'x##', stopped: false });
  });

  it('takes the first of several, also inside of one piece', () => {
    expect(through(['bc', 'abcd'], ['xabcdx'])).toMatchObject({ text: 'x', stopped: true });
    expect(through(['d', 'bc'], ['xabcdx'])).toMatchObject({ text: 'xa', stopped: true });
  });

  it('ends any text where its first stop string begins, however it comes in pieces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 30 });
    const stop = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), minLength: 1, maxLength: 5 });
    const stops = fc.array(stop, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(text, stops, fc.array(fc.nat(30)), (text, stops, cuts) => {
        const ends = [...new Set([...cuts, text.length])].sort((a, b) => a - b);
        const pieces = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
        const { text: out, stopped, after } = through(stops, pieces);
        // The first stop string to be complete ends the text; of those complete at once, the first to begin.
        const seen = pieces.map((_, index) => pieces.slice(0, index + 1).join(''));
        const whole = seen.find((each) => stops.some((one) => each.includes(one)));
        const places = stops.map((one) => whole?.indexOf(one) ?? -1).filter((place) => place >= 0);
        expect(stopped).toBe(whole !== undefined);
        expect(out).toBe(whole === undefined ? text : whole.slice(0, Math.min(...places)));
        expect(after.every((each) => out.startsWith(each))).toBe(true);
      }),
    );
  });
});
