import type { Expression, Expressions } from './expression.ts';

/** Between the members of objects and lists, and behind keys: one spelling, that of Python's json.dumps. */
export const comma = ', ';
export const colon = ': ';

/** Digits that a number of JSON may have here: below 2^53 each is exact. */
const digitsMax = 15;
const fractionDigitsMax = 6;

/** The texts of JSON values. */
export interface JsonTexts {
  readonly integer: Expression;
  readonly number: Expression;
  /** Any value. */
  readonly value: Expression;
  string(min: number, max: number): Expression;
  /** A value of its own, spelled as JSON. */
  constant(value: unknown): Expression;
  /** One of some values: what they begin with in common is one way and not many. */
  oneOf(values: readonly unknown[]): Expression;
  list(item: Expression, min: number, max: number): Expression;
  /** An object with any keys. */
  map(value: Expression): Expression;
  /** An integer within whole bounds. */
  integerWithin(low: number, high: number): Expression;
  /** A number within bounds: whole ones, and decimals between two whole ones that are both inside. */
  numberWithin(low: number, high: number): Expression;
}

/** Whole numbers that are spelled: all of `digitsMax` digits. */
export const wholeMax = 10 ** digitsMax - 1;

export const createJsonTexts = (make: Expressions): JsonTexts => {
  const { literal, byteOf, sequence, choice, repeat, optional } = make;
  const digit = byteOf('0123456789');
  const natural = choice([
    literal('0'),
    sequence(byteOf('123456789'), repeat(digit, 0, digitsMax - 1)),
  ]);
  const integer = choice([natural, sequence(literal('-'), natural)]);
  const fraction = sequence(literal('.'), repeat(digit, 1, fractionDigitsMax));
  // Two digits of exponent keep every number finite.
  const exponent = sequence(byteOf('eE'), optional(byteOf('+-')), repeat(digit, 1, 2));
  const number = sequence(integer, optional(fraction), optional(exponent));
  const string = (min: number, max: number): Expression =>
    sequence(literal('"'), make.text(min, max), literal('"'));
  const list = (item: Expression, min: number, max: number): Expression => {
    const more = repeat(sequence(literal(comma), item), Math.max(0, min - 1), max - 1);
    const filled = sequence(literal('['), item, more, literal(']'));
    if (max === 0) return literal('[]');
    return min === 0 ? choice([literal('[]'), filled]) : filled;
  };
  const map = (value: Expression): Expression => {
    const member = sequence(string(0, Number.POSITIVE_INFINITY), literal(colon), value);
    const more = repeat(sequence(literal(comma), member), 0, Number.POSITIVE_INFINITY);
    return choice([literal('{}'), sequence(literal('{'), member, more, literal('}'))]);
  };
  const value = make.rule('value');
  value.body = choice([
    string(0, Number.POSITIVE_INFINITY),
    number,
    literal('true'),
    literal('false'),
    literal('null'),
    map(value),
    list(value, 0, Number.POSITIVE_INFINITY),
  ]);
  const ranges = createRanges(make, digit);
  return {
    integer,
    number,
    value,
    string,
    list,
    map,
    constant: (constant) => literal(JSON.stringify(constant)),
    oneOf: (values) => prefixTree(make, [...new Set(values.map((each) => JSON.stringify(each)))]),
    integerWithin: (low, high) => choice(ranges.integers(low, high)),
    numberWithin: (low, high) => {
      const decimals = (sign: string, from: number, to: number): readonly Expression[] =>
        ranges.naturals(from, to).map((whole) => sequence(literal(sign), whole, fraction));
      return choice([
        ...ranges.integers(low, high),
        ...decimals('', Math.max(0, Math.ceil(low)), Math.floor(high) - 1),
        ...decimals('-', Math.max(0, Math.ceil(-high)), Math.floor(-low) - 1),
      ]);
    },
  };
};

/** A choice of texts in which every byte decides. */
const prefixTree = (make: Expressions, texts: readonly string[]): Expression => {
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) return make.literal(only);
  const groups = new Map<string, string[]>();
  for (const text of texts) {
    const [head = ''] = text;
    const group = groups.get(head);
    if (group === undefined) groups.set(head, [text]);
    else group.push(text);
  }
  return make.choice(
    [...groups.values()].map((group) => {
      const prefix = commonPrefix(group);
      if (prefix === '') return make.literal('');
      const tails = group.map((text) => text.slice(prefix.length));
      return make.sequence(make.literal(prefix), prefixTree(make, tails));
    }),
  );
};

/** In whole characters, so that each part can be spelled by itself. */
const commonPrefix = (texts: readonly string[]): string => {
  const [first = '', ...others] = texts;
  let prefix = '';
  for (const character of first) {
    if (!others.every((text) => text.startsWith(character, prefix.length))) break;
    prefix += character;
  }
  return prefix;
};

/** Decimal numbers within bounds, digit by digit. */
const createRanges = (
  { literal, byteOf, sequence, choice, repeat }: Expressions,
  digit: Expression,
) => {
  /** All numbers from `low` to `high`, which have the same number of digits: a few expressions for each digit. */
  const sameLength = (low: string, high: string): Expression => {
    if (low === '') return literal('');
    if (/^0*$/.test(low) && /^9*$/.test(high)) return repeat(digit, low.length, low.length);
    const [first = '0', last = '9'] = [low[0], high[0]];
    const [lowRest, highRest] = [low.slice(1), high.slice(1)];
    const rest = low.length - 1;
    const headed = (head: string, from: string, to: string): Expression =>
      sequence(literal(head), sameLength(from, to));
    if (first === last) return headed(first, lowRest, highRest);
    // First digits behind which anything may come.
    const whole = { first: /^0*$/.test(lowRest), last: /^9*$/.test(highRest) };
    const middle = '0123456789'.slice(
      Number(first) + (whole.first ? 0 : 1),
      Number(last) + (whole.last ? 1 : 0),
    );
    return choice([
      ...(whole.first ? [] : [headed(first, lowRest, '9'.repeat(rest))]),
      ...(middle === '' ? [] : [sequence(byteOf(middle), repeat(digit, rest, rest))]),
      ...(whole.last ? [] : [headed(last, '0'.repeat(rest), highRest)]),
    ]);
  };
  const naturals = (low: number, high: number): readonly Expression[] => {
    const options: Expression[] = [];
    /** Of so many digits all numbers are below `high`. */
    const wholeDigits = String(high + 1).length - 1;
    for (let from = low; from <= high;) {
      const digits = String(from).length;
      if (from === 10 ** (digits - 1) && digits <= wholeDigits) {
        const others = repeat(digit, digits - 1, wholeDigits - 1);
        options.push(sequence(byteOf('123456789'), others));
        from = 10 ** wholeDigits;
        continue;
      }
      const to = Math.min(high, 10 ** digits - 1);
      options.push(sameLength(String(from), String(to)));
      from = to + 1;
    }
    return options;
  };
  const integers = (low: number, high: number): readonly Expression[] => {
    const [from, to] = [Math.ceil(Math.max(low, -wholeMax)), Math.floor(Math.min(high, wholeMax))];
    const negative = naturals(Math.max(1, -to), -from);
    return [
      ...naturals(Math.max(0, from), to),
      ...negative.map((each) => sequence(literal('-'), each)),
    ];
  };
  return { naturals, integers };
};
