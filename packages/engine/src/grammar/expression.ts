/**
 * What a text may be, byte by byte: the nodes that a byte matcher walks over. Rules make them recursive. A sequence
 * begins with something that takes a byte, so that no rule calls itself without one.
 */
export type Expression =
  | { readonly kind: 'literal'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'byte'; readonly id: number; readonly allowed: ReadonlySet<number> }
  /** Inside of a JSON string: from `min` to `max` characters, escapes counting as one. */
  | Repetition<'text'>
  | { readonly kind: 'sequence'; readonly id: number; readonly parts: readonly Expression[] }
  | { readonly kind: 'choice'; readonly id: number; readonly options: readonly Expression[] }
  | (Repetition<'repeat'> & { readonly item: Expression })
  | Rule;

interface Repetition<Kind> {
  readonly kind: Kind;
  readonly id: number;
  readonly min: number;
  /** Infinity for no bound. */
  readonly max: number;
}

/** A named expression; it is filled in after others refer to it. */
export interface Rule {
  readonly kind: 'rule';
  readonly id: number;
  readonly name: string;
  body: Expression | undefined;
}

/** Makes the expressions of one grammar; ids tell them apart. */
export interface Expressions {
  literal(text: string): Expression;
  /** One byte out of a text of single bytes. */
  byteOf(characters: string): Expression;
  text(min: number, max: number): Expression;
  sequence(...parts: readonly Expression[]): Expression;
  choice(options: readonly Expression[]): Expression;
  repeat(item: Expression, min: number, max: number): Expression;
  optional(item: Expression): Expression;
  rule(name: string): Rule;
}

const encoder = new TextEncoder();

/** `made` is told of each expression how many there are. */
export const createExpressions = (made: (count: number) => void = () => undefined): Expressions => {
  let count = 0;
  const id = (): number => {
    count += 1;
    made(count);
    return count;
  };
  const choice = (options: readonly Expression[]): Expression =>
    options.length === 1 && options[0] !== undefined
      ? options[0]
      : { kind: 'choice', id: id(), options };
  const repeat = (item: Expression, min: number, max: number): Expression => ({
    ...{ kind: 'repeat', id: id(), item, min, max },
  });
  return {
    literal: (text) => ({ kind: 'literal', id: id(), bytes: encoder.encode(text) }),
    byteOf: (characters) => ({
      kind: 'byte',
      id: id(),
      allowed: new Set(Array.from(characters, (character) => character.charCodeAt(0))),
    }),
    text: (min, max) => ({ kind: 'text', id: id(), min, max }),
    sequence: (...parts) => ({ kind: 'sequence', id: id(), parts }),
    choice,
    repeat,
    optional: (item) => repeat(item, 0, 1),
    rule: (name) => ({ kind: 'rule', id: id(), name, body: undefined }),
  };
};
