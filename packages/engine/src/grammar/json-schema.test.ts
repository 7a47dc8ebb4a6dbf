import { describe, expect, it } from '@jest/globals';
import { type Random, seededRandom } from '@isotherm/kernel';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { randomSchema } from '../testing/random-schema.ts';
import {
  anyObject,
  expressionOfSchema,
  expressionOfSchemaText,
  schemaBounds,
} from './json-schema.ts';
import { createTokenGrammar, type TokenGrammar } from './token-grammar.ts';
import { createTokenVocabulary } from './token-trie.ts';

const endOfText = 0;
const words = [
  '": ',
  '", "',
  '{"',
  '[]',
  'null',
  'true, ',
  '12',
  '-3',
  '0.5',
  'e9',
  ' the',
  'é',
  '😀x',
];
const vocabulary = createTokenVocabulary(
  [
    undefined,
    new TextEncoder().encode('<special>').subarray(0, 0),
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    ...words.map((word) => new TextEncoder().encode(word)),
  ],
  [endOfText],
);

const tokensOf = (mask: Uint32Array): readonly number[] =>
  vocabulary.tokenBytes.flatMap((_, token) =>
    (((mask[token >>> 5] ?? 0) >>> (token & 31)) & 1) === 1 ? [token] : [],
  );

/** A text of a grammar by chance, one that ends soon; `undefined` where it does not within a bound. */
const walk = (grammar: TokenGrammar, random: Random): string | undefined => {
  const state = grammar.begin();
  const bytes: number[] = [];
  for (let length = 0; length < 250; length++) {
    const tokens = tokensOf(state.allowed());
    expect(tokens).not.toEqual([]);
    const closing = tokens.filter((token) => '"]}'.includes(String.fromCharCode(token - 2)));
    const ends = tokens.includes(endOfText) && random() < 0.5;
    const liked = closing.length > 0 && random() < 0.5 ? closing : tokens;
    const token = ends ? endOfText : (liked[Math.floor(random() * liked.length)] ?? endOfText);
    state.accept(token);
    if (token === endOfText)
      return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
    bytes.push(...(vocabulary.tokenBytes[token] ?? []));
  }
  return undefined;
};

const textsOf = (schema: unknown, count = 40): readonly (string | undefined)[] => {
  const grammar = createTokenGrammar(expressionOfSchema(schema, 'schema'), vocabulary);
  const random = seededRandom(5);
  return Array.from({ length: count }, () => walk(grammar, random));
};

/** Whether a grammar takes a whole text, token by byte. */
const takes = (schema: unknown, text: string): boolean => {
  const state = createTokenGrammar(expressionOfSchema(schema, 'schema'), vocabulary).begin();
  try {
    for (const byte of new TextEncoder().encode(text)) state.accept(byte + 2);
    return tokensOf(state.allowed()).includes(endOfText);
  } catch {
    return false;
  }
};

describe('texts of a JSON schema', () => {
  it('parse and are valid, whatever the schema', () => {
    const ajv = new Ajv2020({ strict: false });
    let ended = 0;
    fc.assert(
      fc.property(randomSchema, fc.nat(), (schema, seed) => {
        const validate = ajv.compile(schema);
        const grammar = createTokenGrammar(expressionOfSchema(schema, 'schema'), vocabulary);
        const random = seededRandom(seed);
        for (let turn = 0; turn < 3; turn++) {
          const text = walk(grammar, random);
          if (text === undefined) continue;
          ended += 1;
          const value: unknown = JSON.parse(text);
          expect([text, validate(value), validate.errors]).toEqual([text, true, null]);
        }
      }),
      { numRuns: 120 },
    );
    expect(ended).toBeGreaterThan(240);
  });

  it('of any object are objects', () => {
    const grammar = createTokenGrammar(anyObject(), vocabulary);
    const random = seededRandom(3);
    const texts = Array.from({ length: 50 }, () => walk(grammar, random));
    const values = texts.filter((text) => text !== undefined).map((text) => JSON.parse(text));
    expect(values.length).toBeGreaterThan(20);
    expect(values.every((value) => typeof value === 'object' && !Array.isArray(value))).toBe(true);
  });

  it('are all there is, where that can be counted', () => {
    expect(new Set(textsOf({ type: 'integer', minimum: -3, maximum: 12 }, 400))).toEqual(
      new Set(Array.from({ length: 16 }, (_, index) => String(index - 3))),
    );
    expect(new Set(textsOf({ enum: ['a', 'ab', 'b', 1, null] }, 200))).toEqual(
      new Set(['"a"', '"ab"', '"b"', '1', 'null']),
    );
    const optional = { type: 'object', properties: { a: { const: 1 }, b: { const: 2 } } };
    expect(new Set(textsOf(optional, 200))).toEqual(
      new Set(['{}', '{"a": 1}', '{"b": 2}', '{"a": 1, "b": 2}']),
    );
  });

  it('keep the order of the properties and what is required', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'boolean' }, b: { type: 'null' }, c: { type: 'boolean' } },
      required: ['b'],
    };
    expect(takes(schema, '{"b": null}')).toBe(true);
    expect(takes(schema, '{"a": true, "b": null, "c": false}')).toBe(true);
    expect(takes(schema, '{"a": true}')).toBe(false);
    expect(takes(schema, '{"b": null, "a": true}')).toBe(false);
    expect(takes(schema, '{"b": null, "d": 1}')).toBe(false);
  });

  it('hold well-formed characters only, counted as characters', () => {
    const schema = { type: 'string', minLength: 2, maxLength: 2 };
    expect(takes(schema, '"😀é"')).toBe(true);
    expect(takes(schema, '"\\n\\u001f"')).toBe(true);
    expect(takes(schema, '"\n\n"')).toBe(false);
    expect(takes(schema, '"\\ud83d\\ude00"')).toBe(false);
    const state = createTokenGrammar(expressionOfSchema(schema, 's'), vocabulary).begin();
    state.accept(0x22 + 2);
    for (const byte of [0x80, 0xc1, 0xf5, 0xff]) {
      expect(tokensOf(state.allowed())).not.toContain(byte + 2);
    }
  });

  it('of a sequence that goes on elsewhere are the same', () => {
    const schema = { type: 'array', items: { type: 'string', maxLength: 9 }, minItems: 30 };
    const grammar = createTokenGrammar(expressionOfSchema(schema, 'schema'), vocabulary);
    const random = seededRandom(8);
    const whole = grammar.begin();
    const said: number[] = [];
    for (let length = 0; length < 150; length++) {
      const tokens = tokensOf(whole.allowed()).filter((token) => token !== endOfText);
      const token = tokens[Math.floor(random() * tokens.length)];
      if (token === undefined) break;
      expect(grammar.begin(said).allowed()).toEqual(whole.allowed());
      whole.accept(token);
      said.push(token);
    }
    expect(said).toHaveLength(150);
  });
});

describe('schemas that are refused', () => {
  const deep = (levels: number): object =>
    levels === 0 ? {} : { type: 'array', items: deep(levels - 1) };

  it.each([
    ['a word', 7, 'schema', 'invalid_argument'],
    ['nothing that can be', false, 'schema', 'invalid_argument'],
    ['an unknown type', { type: 'text' }, 'schema.type', 'invalid_argument'],
    ['a pattern', { type: 'string', pattern: 'a' }, 'schema.pattern', 'unsupported'],
    ['a format', { type: 'string', format: 'date' }, 'schema.format', 'unsupported'],
    ['not', { not: {} }, 'schema.not', 'unsupported'],
    ['oneOf', { oneOf: [{}] }, 'schema.oneOf', 'unsupported'],
    ['several of allOf', { allOf: [{}, {}] }, 'schema.allOf', 'unsupported'],
    ['uniqueItems', { type: 'array', uniqueItems: true }, 'schema.uniqueItems', 'unsupported'],
    ['multipleOf', { type: 'integer', multipleOf: 2 }, 'schema.multipleOf', 'unsupported'],
    [
      'a keyword deep inside',
      { properties: { a: { items: { patternProperties: {} } } } },
      'schema.properties.a.items.patternProperties',
      'unsupported',
    ],
    ['company of anyOf', { anyOf: [{}], type: 'string' }, 'schema.type', 'unsupported'],
    ['required names only', { required: ['a'] }, 'schema.required', 'unsupported'],
    ['a reference outside', { $ref: 'http://a/b' }, 'schema.$ref', 'unsupported'],
    ['a reference to nothing', { $ref: '#/$defs/a' }, 'schema.$ref', 'invalid_argument'],
    ['a reference to itself', { $ref: '#' }, 'schema', 'invalid_argument'],
    [
      'an object that must hold itself',
      { properties: { a: { $ref: '#' } }, required: ['a'] },
      'schema',
      'invalid_argument',
    ],
    [
      'bounds the wrong way round',
      { minLength: 2, maxLength: 1 },
      'schema.minLength',
      'invalid_argument',
    ],
    ['half a length', { maxLength: 1.5 }, 'schema.maxLength', 'invalid_argument'],
    ['no room for a number', { minimum: 0.2, maximum: 0.8 }, 'schema', 'unsupported'],
    [
      'a value of another type',
      { type: 'string', enum: ['a', 1] },
      'schema.enum',
      'invalid_argument',
    ],
    ['no values', { enum: [] }, 'schema.enum', 'invalid_argument'],
  ])('%s', (_, schema, param, code) => {
    expect(() => expressionOfSchema(schema, 'schema')).toThrow(
      expect.objectContaining({ param, code }),
    );
  });

  it('for their size and depth', () => {
    expect(() => expressionOfSchema(deep(schemaBounds.depthMax + 1), 's')).toThrow(/schemas deep/);
    const long = JSON.stringify({ const: 'x'.repeat(schemaBounds.bytesMax) });
    expect(() => expressionOfSchemaText(long, 's')).toThrow(/may have/);
    expect(() => expressionOfSchemaText('{', 's')).toThrow(/not JSON/);
    const nested = `{"const":${'['.repeat(9000)}${']'.repeat(9000)}}`;
    expect(() => expressionOfSchemaText(nested, 's')).toThrow(/may nest 256 deep/);
  });

  /** As many schemas as fit into the bytes. */
  const filled = (schemaAt: (index: number) => object): readonly object[] => {
    const { length } = JSON.stringify(schemaAt(1000));
    return Array.from(
      { length: Math.floor((schemaBounds.bytesMax - 100) / (length + 1)) },
      (_, i) => schemaAt(i),
    );
  };
  const bounded = (index: number) => ({ minimum: -123_456_789_012_345 - index, maximum: 2e14 + 7 });

  it.each<[string, string, object]>([
    ['bounds of numbers', 's.anyOf', { anyOf: filled(bounded) }],
    [
      'bounds of integers',
      's.prefixItems',
      {
        prefixItems: filled((index) => ({ type: 'integer', ...bounded(index) })),
      },
    ],
    [
      'values of any type',
      's.anyOf',
      { anyOf: filled(() => ({ maximum: 5, minItems: 1, required: [] })) },
    ],
  ])('for what compiling them costs, by the place where it is too much: %s', (_, place, schema) => {
    const problem = `makes the grammar larger than ${schemaBounds.partsMax} parts`;
    expect(() => expressionOfSchemaText(JSON.stringify(schema), 's')).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.stringContaining(problem),
        param: expect.stringContaining(place),
      }),
    );
  });

  it('not for as many values as fit into the bytes', () => {
    const values = Array.from({ length: 5500 }, (_, index) => index);
    const text = JSON.stringify({ enum: values });
    expect(text.length).toBeGreaterThan(0.8 * schemaBounds.bytesMax);
    expect(() => expressionOfSchemaText(text, 's')).not.toThrow();
  });

  it('for rules that wait for each other only if none of them can end', () => {
    const rules = 400;
    const next = (index: number) => ({ items: { $ref: `#/$defs/${index}` }, minItems: 1 });
    const chain = (last: object) => ({
      $defs: Object.fromEntries(
        Array.from({ length: rules }, (_, i) => [`${i}`, i < rules - 1 ? next(i + 1) : last]),
      ),
      // Compiled from the last one on, so that none is deep.
      anyOf: Array.from({ length: rules }, (_, i) => ({ $ref: `#/$defs/${rules - 1 - i}` })),
    });
    expect(() => expressionOfSchema(chain({ type: 'null' }), 's')).not.toThrow();
    expect(() => expressionOfSchema(chain(next(rules - 1)), 's')).toThrow(/no finite value/);
  });

  /** A text of any schema within the bounds is made in less than this for each of its tokens. */
  const stepMsMax = 1000;
  it.each([
    ['a huge enum', { enum: Array.from({ length: 3000 }, (_, index) => `${index * 7919}`) }],
    ['prefixes of each other', { enum: Array.from({ length: 200 }, (_, i) => 'a'.repeat(i)) }],
    ['deep lists', deep(schemaBounds.depthMax)],
    [
      'ways that cannot be told apart',
      {
        items: {
          anyOf: Array.from({ length: 30 }, (_, i) => ({
            items: { anyOf: Array.from({ length: 30 }, (_, j) => ({ maxLength: 30 * i + j })) },
          })),
        },
      },
    ],
    [
      'a thousand optional properties',
      {
        properties: Object.fromEntries(
          Array.from({ length: 1000 }, (_, index) => [`p${index}`, { type: 'null' }]),
        ),
      },
    ],
    ['repetitions of repetitions', { items: { items: { maxLength: 1e9 }, maxItems: 1e9 } }],
  ])('not for %s, which costs bounded time', (_, schema) => {
    const startMs = performance.now();
    const grammar = createTokenGrammar(expressionOfSchema(schema, 'schema'), vocabulary);
    const state = grammar.begin();
    const random = seededRandom(1);
    for (let length = 0; length < 50; length++) {
      const stepStartMs = performance.now();
      const tokens = tokensOf(state.allowed()).filter((token) => token !== endOfText);
      const token = tokens[Math.floor(random() * tokens.length)];
      if (token === undefined) break;
      state.accept(token);
      expect(performance.now() - stepStartMs).toBeLessThan(stepMsMax);
    }
    expect(performance.now() - startMs).toBeLessThan(10 * stepMsMax);
  });
});
