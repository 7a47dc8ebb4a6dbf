import { Fault } from '@isotherm/kernel';
import { isRecord, type JsonRecord } from '../model-folder/json-file.ts';

/** The fault of a place in a schema. */
export const refuse = (
  code: 'invalid_argument' | 'unsupported',
  path: string,
  problem: string,
): Fault => {
  const param = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  return new Fault(code, `${param} ${problem}.`, { param });
};

/** Whether lists and objects stand inside of each other more than so many deep: what walks a value may not survive that. */
export const nestsDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((each) => nestsDeeper(each, levels - 1)));

export const countIn = (schema: JsonRecord, keyword: string, path: string): number | undefined => {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw refuse('invalid_argument', `${path}.${keyword}`, 'must be a whole number from 0');
};

export const numberIn = (schema: JsonRecord, keyword: string, path: string): number | undefined => {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value === 'number') return value;
  throw refuse('invalid_argument', `${path}.${keyword}`, 'must be a number');
};

/** What a local reference points at (RFC 6901 in the fragment of a URI). */
export const schemaAt = (root: unknown, reference: unknown, path: string): unknown => {
  if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) {
    throw refuse('unsupported', path, 'must begin with # and point into the same schema');
  }
  const keys = reference
    .slice(2)
    .split('/')
    .filter((_, index) => reference.length > 1 || index > 0)
    .map((key) => decoded(key, path).replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<unknown>((at, key) => {
    const next: unknown = isRecord(at) || Array.isArray(at) ? ownIn(at, key) : undefined;
    if (next !== undefined) return next;
    throw refuse(
      'invalid_argument',
      path,
      `points at "${reference.slice(0, 80)}", which is not there`,
    );
  }, root);
};

const ownIn = (value: object, key: string): unknown =>
  Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;

const decoded = (key: string, path: string): string => {
  try {
    return decodeURIComponent(key);
  } catch (cause) {
    const fault = refuse('invalid_argument', path, 'is not a URI fragment');
    throw new Fault(fault.code, fault.message, { param: path, cause });
  }
};

/** Values beside a `type` are of that type. */
export const valuesFit = (values: readonly unknown[], type: unknown, path: string): void => {
  if (type === undefined) return;
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const stranger = values.find((value) => !namesOf(value).some((name) => types.includes(name)));
  if (stranger === undefined) return;
  const spelled = JSON.stringify(stranger).slice(0, 80);
  throw refuse('invalid_argument', path, `holds ${spelled}, which is not of the type beside it`);
};

const namesOf = (value: unknown): readonly string[] => {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value];
};
