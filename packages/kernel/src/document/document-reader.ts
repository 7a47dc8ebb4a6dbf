/** What an id in a document may look like: it ends up in places, metrics, file names and Redis keys. */
export const idPattern = /^[a-z0-9][a-z0-9.-]{0,63}$/;

/** What is wrong with a document, and where: `rows[2].racks[0].limit_w`. */
export interface DocumentProblem {
  readonly path: string;
  readonly message: string;
}

/** Bounds of a number in a document; outside them it is a slip of a unit. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads untrusted data and gathers all problems instead of stopping at the first. Every reader returns a value to go
 * on with; what is returned after a problem is never used.
 */
export interface DocumentReader {
  readonly problems: readonly DocumentProblem[];
  problem(path: string, message: string): void;
  /** An object that has no other keys than these. */
  object(value: unknown, path: string, keys: readonly string[]): Readonly<Record<string, unknown>>;
  list<T>(
    value: unknown,
    path: string,
    read: (item: unknown, path: string) => T,
    range?: Partial<NumberRange>,
  ): readonly T[];
  number(value: unknown, path: string, range: NumberRange): number;
  optionalNumber(value: unknown, path: string, range: NumberRange): number | undefined;
  text(value: unknown, path: string, lengthMax: number): string;
  id(value: unknown, path: string): string;
  oneOf<T extends string>(value: unknown, path: string, allowed: readonly [T, ...T[]]): T;
}

const listLengthMax = 10_000;
const shownLengthMax = 40;
/** More would not be read by anybody. */
export const problemsMax = 100;

export const documentReader = (): DocumentReader => {
  const problems: DocumentProblem[] = [];
  const problem = (path: string, message: string): void => {
    if (problems.length < problemsMax) problems.push({ path, message });
  };
  const reader: DocumentReader = {
    problems,
    problem,
    object(value, path, keys) {
      if (!isObject(value)) {
        problem(path, `must be an object, not ${shown(value)}`);
        return {};
      }
      for (const key of Object.keys(value)) {
        if (!keys.includes(key)) {
          problem(join(path, key), `is not known here; known: ${keys.join(', ')}`);
        }
      }
      return value;
    },
    list(value, path, read, { min = 1, max = listLengthMax } = {}) {
      if (!Array.isArray(value)) {
        problem(path, `must be a list, not ${shown(value)}`);
        return [];
      }
      if (value.length < min || value.length > max) {
        problem(path, `must have ${min} to ${max} entries, not ${value.length}`);
      }
      return value.slice(0, max).map((item, index) => read(item, `${path}[${index}]`));
    },
    number(value, path, { min, max }) {
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        problem(path, `must be a number, not ${shown(value)}`);
        return min;
      }
      if (value < min || value > max) problem(path, `must be ${min} to ${max}, not ${value}`);
      return value;
    },
    optionalNumber: (value, path, range) =>
      value === undefined ? undefined : reader.number(value, path, range),
    text(value, path, lengthMax) {
      if (typeof value === 'string' && value !== '' && value.length <= lengthMax) return value;
      problem(path, `must be a text of 1 to ${lengthMax} characters, not ${shown(value)}`);
      return '';
    },
    id(value, path) {
      if (typeof value === 'string' && idPattern.test(value)) return value;
      problem(
        path,
        `must be lower-case letters, digits, dots and dashes, 64 at most, not ${shown(value)}`,
      );
      return '';
    },
    oneOf(value, path, allowed) {
      const found = allowed.find((choice) => choice === value);
      if (found !== undefined) return found;
      problem(path, `must be ${allowed.join(' or ')}, not ${shown(value)}`);
      return allowed[0];
    },
  };
  return reader;
};

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value in few words; objects by their kind, since they may be large or cyclic. */
const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text;
};
