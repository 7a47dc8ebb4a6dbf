import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseExposition } from './exposition.ts';

const plain = (text: string, prefix?: string) =>
  parseExposition(text, prefix).samples.map(({ name, labels, value }) => [
    name,
    Object.fromEntries(labels),
    value,
  ]);

describe("Prometheus' text format", () => {
  it.each([
    ['up 1', 'up', {}, 1],
    ['up{} 0', 'up', {}, 0],
    ['a:b{x="1",y="2"} 1.5e3', 'a:b', { x: '1', y: '2' }, 1500],
    ['a{x="1", y="2",} -3 1700000000000', 'a', { x: '1', y: '2' }, -3],
    ['a{x="q\\"b\\\\n\\n}"} +Inf', 'a', { x: 'q"b\\n\n}' }, Infinity],
    ['a NaN', 'a', {}, Number.NaN],
    ['a{x="1"} 3 # {trace="t"} 0.5', 'a', { x: '1' }, 3],
    ['a 4\r', 'a', {}, 4],
  ])('reads %j', (text, name, labels, value) => {
    expect(plain(text)).toEqual([[name, labels, value]]);
  });

  it.each([
    '<html>',
    'a',
    'a{x=1} 2',
    'a{x="1" 2',
    'a{x="1"}2',
    'a 1 2 3',
    '9a 1',
    'a 0x10',
    'a 1,5',
    'a {',
  ])('counts %j as no sample', (text) => {
    expect(parseExposition(`b 1\n${text}\n`)).toMatchObject({ malformed: 1 });
    expect(plain(`b 1\n${text}\n`)).toEqual([['b', {}, 1]]);
  });

  it('passes over comments, blanks and what was not asked for', () => {
    const text = '# HELP a A.\n# TYPE a gauge\n\n  \na 1\nother 2\n# EOF\n';
    expect(parseExposition(text, 'a')).toMatchObject({ malformed: 0 });
    expect(plain(text, 'a')).toEqual([['a', {}, 1]]);
  });

  it('reads back every label that may be written (property)', () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ noNaN: true }), (value, number) => {
        const single = value.replaceAll(/[\r\n]/g, ' ');
        const escaped = single.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
        const shown = Number.isFinite(number) ? String(number) : `${number > 0 ? '+' : '-'}Inf`;
        const [sample] = parseExposition(`a{x="${escaped}",y="1"} ${shown}`).samples;
        expect(sample?.labels.get('x')).toBe(single);
        expect(sample?.value).toBe(
          Number(shown === '+Inf' ? Infinity : shown === '-Inf' ? -Infinity : shown),
        );
      }),
    );
  });

  it('takes time in proportion to a hostile line', () => {
    for (const hostile of [
      'a{' + 'x="'.repeat(30_000),
      'a{' + '\\'.repeat(100_000),
      'a ' + '1'.repeat(100_000) + 'x',
    ]) {
      expect(parseExposition(hostile).malformed).toBe(1);
    }
  });
});
