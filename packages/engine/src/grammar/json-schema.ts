import { Fault } from '@isotherm/kernel';
import { isRecord, type JsonRecord } from '../model-folder/json-file.ts';
import { createExpressions, type Expression, type Expressions, type Rule } from './expression.ts';
import { refuseEndless } from './endless.ts';
import { colon, comma, createJsonTexts, type JsonTexts, wholeMax } from './json-text.ts';
import { countIn, nestsDeeper, numberIn, refuse, schemaAt, valuesFit } from './schema-fields.ts';

/**
 * Bounds of a schema: what a client may make the services compile and keep. Parts are the expressions that its texts are
 * made of, such as the digits of a bound and the letters of an enum: all that compiling does is in proportion to them or
 * to the bytes.
 */
export const schemaBounds = {
  ...{ bytesMax: 32_768, nestingMax: 256, depthMax: 64, schemasMax: 2000, partsMax: 30_000 },
} as const;

/** Say something about a value to people, and nothing about which values are allowed. */
const annotations = ['title', 'description', 'default', 'examples', '$schema', '$comment'].concat([
  'deprecated',
  'readOnly',
  'writeOnly',
  '$defs',
  'definitions',
]);

const keywordsOf = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  boolean: [],
  null: [],
} as const satisfies Record<string, readonly string[]>;
type TypeName = keyof typeof keywordsOf;
const typeNames = Object.keys(keywordsOf) as readonly TypeName[];

/** Keywords that say all there is to say; beside them only annotations may stand. */
const wholes = ['$ref', 'enum', 'const', 'anyOf', 'allOf'] as const;

interface Compiler {
  readonly root: unknown;
  readonly make: Expressions;
  readonly json: JsonTexts;
  /** A rule for each schema, by where it stands: so a schema may refer to itself. */
  readonly rules: Map<unknown, Rule>;
  /** The rule of a schema at a path, which is named in faults. */
  ruleOf(schema: unknown, path: string, depth: number): Expression;
}

/** Any object. */
export const anyObject = (): Expression => {
  const make = createExpressions();
  const json = createJsonTexts(make);
  return json.map(json.value);
};

/**
 * The texts that a JSON schema allows, or some of them: what is generated is always valid, in one spelling, with the
 * properties in the order of the schema and none that it does not name. Keywords that are not understood are refused by
 * their place (`path` is that of the schema itself), and so are schemas without a value.
 */
export const expressionOfSchema = (root: unknown, path: string): Expression => {
  /** Where the schema stands that is being compiled. */
  let place = path;
  const make = createExpressions((count) => {
    if (count <= schemaBounds.partsMax) return;
    const problem = `makes the grammar larger than ${schemaBounds.partsMax} parts`;
    throw refuse('invalid_argument', place, problem);
  });
  const rules = new Map<unknown, Rule>();
  const compiler: Compiler = {
    ...{ root, make, rules, json: createJsonTexts(make) },
    ruleOf: (schema, at, depth) => {
      const known = rules.get(schema);
      if (known !== undefined) return known;
      if (depth > schemaBounds.depthMax) {
        throw refuse('invalid_argument', at, `is more than ${schemaBounds.depthMax} schemas deep`);
      }
      if (rules.size >= schemaBounds.schemasMax) {
        throw refuse('invalid_argument', at, `is one of more than ${schemaBounds.schemasMax}`);
      }
      place = at;
      const rule = make.rule(at);
      // `true` is one value for all its places.
      if (isRecord(schema)) rules.set(schema, rule);
      rule.body = expressionOf(compiler, schema, at, depth);
      return rule;
    },
  };
  const expression = compiler.ruleOf(root, path, 0);
  refuseEndless(expression);
  return expression;
};

const expressionOf = (
  compiler: Compiler,
  schema: unknown,
  path: string,
  depth: number,
): Expression => {
  if (schema === true) return compiler.json.value;
  if (!isRecord(schema)) throw refuse('invalid_argument', path, 'must be an object or true');
  const keywords = Object.keys(schema).filter((keyword) => !annotations.includes(keyword));
  const whole = wholes.find((keyword) => keyword in schema);
  if (whole !== undefined) {
    const valued = whole === 'enum' || whole === 'const';
    const other = keywords.find((each) => each !== whole && !(valued && each === 'type'));
    if (other !== undefined) {
      throw refuse('unsupported', `${path}.${other}`, `cannot stand beside ${whole} here`);
    }
    return wholeOf(compiler, whole, schema, path, depth);
  }
  const types = typesOf(schema, keywords, path);
  const understood = types.flatMap((type): readonly string[] => keywordsOf[type]);
  const stranger = keywords.find((each) => each !== 'type' && !understood.includes(each));
  if (stranger !== undefined) {
    throw refuse('unsupported', `${path}.${stranger}`, `is not supported${listOf(types)}`);
  }
  if (keywords.length === 0) return compiler.json.value;
  return compiler.make.choice(types.map((type) => typed[type](compiler, schema, path, depth)));
};

const listOf = (types: readonly TypeName[]): string => {
  const known = [...new Set(types.flatMap((type): readonly string[] => keywordsOf[type]))];
  return `; for ${types.join(', ')} there are ${[...known, ...wholes].join(', ')}`;
};

/** The types that a schema names, or those that its keywords are about. */
const typesOf = (
  schema: JsonRecord,
  keywords: readonly string[],
  path: string,
): readonly TypeName[] => {
  if (!('type' in schema)) {
    const meant = typeNames.filter((type) =>
      keywords.some((keyword) => (keywordsOf[type] as readonly string[]).includes(keyword)),
    );
    // Every integer is a number.
    return meant.length === 0 ? typeNames : meant.filter((type) => type !== 'integer');
  }
  const given: readonly unknown[] = Array.isArray(schema['type'])
    ? schema['type']
    : [schema['type']];
  const types = typeNames.filter((type) => given.includes(type));
  if (types.length === 0 || types.length !== given.length) {
    const problem = `must be one or several of ${typeNames.join(', ')}`;
    throw refuse('invalid_argument', `${path}.type`, problem);
  }
  return types.includes('number') ? types.filter((type) => type !== 'integer') : types;
};

const wholeOf = (
  { root, make, json, ruleOf }: Compiler,
  whole: (typeof wholes)[number],
  schema: JsonRecord,
  path: string,
  depth: number,
): Expression => {
  const at = `${path}.${whole}`;
  const value: unknown = schema[whole];
  switch (whole) {
    case '$ref':
      return ruleOf(schemaAt(root, value, at), at, depth + 1);
    case 'const':
      valuesFit([value], schema['type'], at);
      return json.constant(value);
    case 'enum':
      if (!Array.isArray(value) || value.length === 0) {
        throw refuse('invalid_argument', at, 'must be a list of values');
      }
      valuesFit(value, schema['type'], at);
      return json.oneOf(value);
    case 'allOf':
    case 'anyOf': {
      if (!Array.isArray(value) || value.length === 0) {
        throw refuse('invalid_argument', at, 'must be a list of schemas');
      }
      if (whole === 'allOf' && value.length > 1) {
        throw refuse('unsupported', at, 'is supported with one schema only');
      }
      return make.choice(value.map((each, index) => ruleOf(each, `${at}[${index}]`, depth + 1)));
    }
    default:
      return whole satisfies never;
  }
};

type TypedExpression = (
  compiler: Compiler,
  schema: JsonRecord,
  path: string,
  depth: number,
) => Expression;

const objectOf: TypedExpression = ({ make, json, ruleOf }, schema, path, depth) => {
  const { properties = {}, required = [], additionalProperties } = schema;
  if (!isRecord(properties)) {
    throw refuse('invalid_argument', `${path}.properties`, 'must be an object of schemas');
  }
  if (!Array.isArray(required) || !required.every((name) => typeof name === 'string')) {
    throw refuse('invalid_argument', `${path}.required`, 'must be a list of names');
  }
  const names = Object.keys(properties).filter((name) => properties[name] !== false);
  const missing = required.find((name) => !names.includes(name));
  if (missing !== undefined) {
    const problem = `names "${missing.slice(0, 80)}", which is not among the properties`;
    throw refuse('unsupported', `${path}.required`, problem);
  }
  if (names.length === 0) {
    if (additionalProperties === false || 'properties' in schema) return make.literal('{}');
    const at = `${path}.additionalProperties`;
    const value = additionalProperties ?? true;
    return json.map(value === true ? json.value : ruleOf(value, at, depth + 1));
  }
  // No other property is ever generated, so what the schema says of them holds.
  const members = names.map((name) => ({
    needed: required.includes(name),
    text: make.sequence(
      make.literal(`${JSON.stringify(name)}${colon}`),
      ruleOf(properties[name], `${path}.properties.${name}`, depth + 1),
    ),
  }));
  return make.sequence(make.literal('{'), membersOf(make, members), make.literal('}'));
};

/** Members in order: `first` where none stands before, so that no comma is due. */
const membersOf = (
  make: Expressions,
  members: readonly { readonly needed: boolean; readonly text: Expression }[],
): Expression => {
  let first = make.literal('');
  let later = make.literal('');
  for (const { needed, text } of members.toReversed()) {
    const begun = make.sequence(text, later);
    first = needed ? begun : make.choice([begun, first]);
    const following = make.sequence(make.literal(comma), text);
    later = make.sequence(needed ? following : make.optional(following), later);
  }
  return first;
};

const arrayOf: TypedExpression = ({ make, json, ruleOf }, schema, path, depth) => {
  const min = countIn(schema, 'minItems', path) ?? 0;
  const max = countIn(schema, 'maxItems', path) ?? Number.POSITIVE_INFINITY;
  if (min > max) throw refuse('invalid_argument', `${path}.minItems`, 'is more than maxItems');
  const { prefixItems, items = true } = schema;
  if (prefixItems === undefined) {
    const none = items === false || max === 0;
    if (none && min > 0) throw refuse('invalid_argument', `${path}.minItems`, 'allows no list');
    if (none) return make.literal('[]');
    return json.list(ruleOf(items, `${path}.items`, depth + 1), min, max);
  }
  if (!Array.isArray(prefixItems) || prefixItems.length === 0) {
    throw refuse('invalid_argument', `${path}.prefixItems`, 'must be a list of schemas');
  }
  // All of them and no more: that is one of the lists that it allows.
  const { length } = prefixItems;
  if (min > length || max < length) {
    const problem = `allows no list of exactly the ${length} prefixItems`;
    throw refuse('unsupported', `${path}.${min > length ? 'minItems' : 'maxItems'}`, problem);
  }
  const texts = prefixItems.flatMap((each, index) => {
    const item = ruleOf(each, `${path}.prefixItems[${index}]`, depth + 1);
    return index === 0 ? [item] : [make.literal(comma), item];
  });
  return make.sequence(make.literal('['), ...texts, make.literal(']'));
};

const stringOf: TypedExpression = ({ json }, schema, path) => {
  const min = countIn(schema, 'minLength', path) ?? 0;
  const max = countIn(schema, 'maxLength', path) ?? Number.POSITIVE_INFINITY;
  if (min > max) throw refuse('invalid_argument', `${path}.minLength`, 'is more than maxLength');
  return json.string(min, max);
};

const numberOf =
  (whole: boolean): TypedExpression =>
  ({ json }, schema, path) => {
    if (!keywordsOf.number.some((keyword) => keyword in schema)) {
      return whole ? json.integer : json.number;
    }
    const least = numberIn(schema, 'minimum', path) ?? -wholeMax;
    const most = numberIn(schema, 'maximum', path) ?? wholeMax;
    const above = numberIn(schema, 'exclusiveMinimum', path) ?? Number.NEGATIVE_INFINITY;
    const below = numberIn(schema, 'exclusiveMaximum', path) ?? Number.POSITIVE_INFINITY;
    // From the lowest to the highest whole number inside.
    const low = Math.max(Math.ceil(least), Math.floor(above) + 1, -wholeMax);
    const high = Math.min(Math.floor(most), Math.ceil(below) - 1, wholeMax);
    if (low > high) {
      throw refuse('unsupported', path, 'must leave room for a whole number between its bounds');
    }
    return whole ? json.integerWithin(low, high) : json.numberWithin(low, high);
  };

const typed: Readonly<Record<TypeName, TypedExpression>> = {
  object: objectOf,
  array: arrayOf,
  string: stringOf,
  number: numberOf(false),
  integer: numberOf(true),
  boolean: ({ make }) => make.choice([make.literal('true'), make.literal('false')]),
  null: ({ make }) => make.literal('null'),
};

/** Parses and compiles the text of a schema. Faults name `param`. */
export const expressionOfSchemaText = (text: string, param: string): Expression =>
  expressionOfSchema(parseSchema(text, param), param);

/** The value of a schema's text, within the bound of its size. */
export const parseSchema = (text: string, param: string): unknown => {
  if (Buffer.byteLength(text) > schemaBounds.bytesMax) {
    throw refuse('invalid_argument', param, `may have ${schemaBounds.bytesMax} bytes`);
  }
  const schema = parsed(text, param);
  if (nestsDeeper(schema, schemaBounds.nestingMax)) {
    throw refuse('invalid_argument', param, `may nest ${schemaBounds.nestingMax} deep`);
  }
  return schema;
};

const parsed = (text: string, param: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('invalid_argument', `${param} is not JSON.`, { param, cause });
  }
};
