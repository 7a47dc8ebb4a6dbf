import fc from 'fast-check';

/** A schema of the supported kind. */
export type Schema = Readonly<Record<string, unknown>>;

const bounds = (low: string, high: string, min: number, max: number): fc.Arbitrary<Schema> =>
  fc
    .tuple(fc.integer({ min, max }), fc.integer({ min: 0, max: max - min }), fc.nat(3))
    .map(([least, more, which]) => ({
      ...((which & 1) === 1 && { [low]: least }),
      ...((which & 2) === 2 && { [high]: least + more }),
    }));

const constant = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(true, false, null),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.record({ a: fc.integer(), 'b"': fc.string({ maxLength: 3 }) }, { noNullPrototype: true }),
);

const leaf: fc.Arbitrary<Schema> = fc.oneof(
  bounds('minLength', 'maxLength', 0, 6).map((more) => ({ type: 'string', ...more })),
  bounds('minimum', 'maximum', -2000, 2000).map((more) => ({ type: 'integer', ...more })),
  bounds('exclusiveMinimum', 'exclusiveMaximum', -30, 300).map((more) => ({
    type: 'integer',
    ...more,
    ...(typeof more['exclusiveMaximum'] === 'number' && {
      exclusiveMaximum: more['exclusiveMaximum'] + 2,
    }),
  })),
  fc
    .tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 10, max: 100 }))
    .map(([low, span]) => ({ type: 'number', minimum: low / 10, maximum: (low + span) / 10 })),
  fc.constantFrom<Schema>(
    { type: 'number' },
    { type: 'boolean' },
    { type: ['null', 'boolean', 'integer'] },
    { type: ['string', 'number'], maxLength: 2, exclusiveMinimum: 0 },
    { type: 'object' },
    { type: 'array', maxItems: 2 },
    { $ref: '#/$defs/tree' },
    { description: 'anything' },
  ),
  fc.array(constant, { minLength: 1, maxLength: 5 }).map((values) => ({ enum: values })),
  constant.map((value) => ({ const: value })),
);

const name = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
  fc.constantFrom('id', 'name', 'an "odd\\ one"', 'é', '__proto__x'),
);

const schemaOf = (inner: fc.Arbitrary<Schema>): fc.Arbitrary<Schema> =>
  fc.oneof(
    { weight: 2, arbitrary: leaf },
    fc
      .uniqueArray(fc.tuple(name, inner, fc.boolean()), { maxLength: 4, selector: ([key]) => key })
      .map((members) => ({
        type: 'object',
        properties: Object.fromEntries(members.map(([key, schema]) => [key, schema])),
        required: members.filter(([, , needed]) => needed).map(([key]) => key),
        additionalProperties: members.length % 2 === 0,
      })),
    inner.map((additionalProperties) => ({ type: 'object', additionalProperties })),
    fc
      .tuple(inner, bounds('minItems', 'maxItems', 0, 3))
      .map(([items, more]) => ({ type: 'array', items, ...more })),
    fc
      .array(inner, { minLength: 1, maxLength: 3 })
      .map((prefixItems) => ({ type: 'array', prefixItems, items: false })),
    fc.array(inner, { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  );

const tree: Schema = {
  type: 'object',
  properties: { of: { type: 'array', items: { $ref: '#/$defs/tree' }, maxItems: 2 } },
  required: ['of'],
};

/** Schemas of up to three levels, with something recursive in some. */
export const randomSchema: fc.Arbitrary<Schema> = schemaOf(schemaOf(schemaOf(leaf))).map(
  (schema) => ({ ...schema, $defs: { tree } }),
);
