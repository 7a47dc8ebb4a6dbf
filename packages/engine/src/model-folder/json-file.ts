import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@isotherm/kernel';

/** A JSON object whose members have not been checked yet. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a JSON object from a model folder; `undefined` when the file does not exist. */
export const readOptionalJson = async (
  dir: string,
  name: string,
): Promise<JsonRecord | undefined> => {
  const text = await readOptionalText(dir, name);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault('unsupported', `${name} of the model folder is not valid JSON.`, { cause });
  }
  if (!isRecord(value)) {
    throw new Fault('unsupported', `${name} of the model folder must hold a JSON object.`);
  }
  return value;
};

/** Reads a JSON object from a model folder; a missing file is a fault that names it. */
export const readJson = async (dir: string, name: string): Promise<JsonRecord> => {
  const value = await readOptionalJson(dir, name);
  if (value === undefined) {
    throw new Fault('unsupported', `The model folder has no ${name}: a complete export is needed.`);
  }
  return value;
};

/** Reads a text file of a model folder; `undefined` when it does not exist. */
export const readOptionalText = async (dir: string, name: string): Promise<string | undefined> => {
  try {
    return await readFile(join(dir, name), 'utf8');
  } catch (cause) {
    if (isRecord(cause) && cause['code'] === 'ENOENT') return undefined;
    throw new Fault('unsupported', `${name} of the model folder cannot be read.`, { cause });
  }
};

/** The member if it is a finite number. */
export const numberIn = (record: JsonRecord, key: string): number | undefined => {
  const value = record[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

/** The member if it is a string. */
export const stringIn = (record: JsonRecord, key: string): string | undefined => {
  const value = record[key];
  return typeof value === 'string' ? value : undefined;
};

/** The member if it is an object, else an empty one. */
export const recordIn = (record: JsonRecord, key: string): JsonRecord => {
  const value = record[key];
  return isRecord(value) ? value : {};
};

/** A count that a configuration has to state; the fault names the key that is missing or wrong. */
export const requiredCount = (value: number | undefined, key: string): number => {
  if (value === undefined || !Number.isInteger(value) || value < 1) {
    throw new Fault('unsupported', `The model's configuration must give ${key} as a whole number.`);
  }
  return value;
};
