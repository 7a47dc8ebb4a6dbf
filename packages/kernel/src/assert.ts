/** Thrown when something that cannot happen has happened: a bug, never a bad input. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Asserts an invariant. Bad input from outside is a value or a typed error, not an assertion. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
