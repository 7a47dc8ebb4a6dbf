import { Fault } from '@isotherm/kernel';
import type { ProfileOptions } from './profile-options.ts';

/** What a field holds: a time in milliseconds, or a whole number from `min` upwards. */
type Field = { readonly kind: 'time' } | { readonly kind: 'count'; readonly min: 0 | 1 };

const time: Field = { kind: 'time' };
const size: Field = { kind: 'count', min: 1 };
const amount: Field = { kind: 'count', min: 0 };

const fields: Readonly<Record<keyof ProfileOptions, Field>> = {
  encodeBatchMs: time,
  encodeMediumMs: time,
  prefillPromptMs: time,
  prefillTokenMs: time,
  decodeStepMs: time,
  decodeSequenceMs: time,
  batchMax: size,
  slots: size,
  contextMax: size,
  hiddenSize: size,
  imageTokens: size,
  audioTokensPerSecond: size,
  videoTokens: size,
  kvBytesPerToken: amount,
  kvBytesMax: amount,
  answerTokens: amount,
};

const isField = (key: string): key is keyof ProfileOptions => Object.hasOwn(fields, key);

/**
 * Reads the setting `ISOTHERM_PROFILE`. Faults: `invalid_argument` with the key and what would be
 * right.
 */
export const parseProfileOptions = (text: string): ProfileOptions => {
  const entries = Object.entries(parseObject(text));
  for (const [key, value] of entries) {
    if (!isField(key)) {
      const known = Object.keys(fields).join(', ');
      throw refused(`does not know "${key}"; it knows ${known}.`);
    }
    if (!fits(value, fields[key])) {
      throw refused(`needs "${key}" as ${wanted(fields[key])}; it has ${JSON.stringify(value)}.`);
    }
  }
  return Object.fromEntries(entries);
};

const parseObject = (text: string): object => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refused('must be a JSON object, such as {"decodeStepMs": 10}; it is no JSON.', cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw refused('must be a JSON object, such as {"decodeStepMs": 10}.');
};

const fits = (value: unknown, field: Field): boolean => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  switch (field.kind) {
    case 'time':
      return value >= 0;
    case 'count':
      return Number.isSafeInteger(value) && value >= field.min;
    default:
      return field satisfies never;
  }
};

const wanted = (field: Field): string =>
  field.kind === 'time'
    ? 'milliseconds, a number from 0 upwards'
    : `a whole number from ${field.min} upwards`;

const refused = (what: string, cause?: unknown): Fault =>
  new Fault('invalid_argument', `ISOTHERM_PROFILE ${what}`, { cause });
