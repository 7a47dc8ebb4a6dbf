import { isRecord, type JsonRecord, recordIn, stringIn } from '../model-folder/json-file.ts';

/**
 * What can be said of a tokenizer's work without doing it. Only for byte-level ones: there every
 * byte of a text ends up in exactly one token, and what spells a special token does so in the text.
 */
export interface TextBound {
  /** Most bytes of a text that one token can stand for. */
  readonly bytesPerTokenMax: number;
  /** What the tokenizer turns a text into before it splits it. */
  readonly normalize: (text: string) => string;
}

/**
 * Most by which NFC makes UTF-8 shorter, rounded up: 7 bytes of U+1FBE U+0308 U+0301 become 2.
 */
const nfcShrinkMax = 4;

/**
 * The bound of the tokenizer in `tokenizer.json`; `undefined` when texts may vanish in it or change
 * their spelling.
 */
export const textBound = (json: JsonRecord, config: JsonRecord): TextBound | undefined => {
  const normalization = normalizationOf(json, config);
  const added = addedTokensIn(json);
  if (normalization === undefined || !keepsEveryByte(json)) return undefined;
  if (!added.every(isPlain)) return undefined;
  const bytesMax = longestEntry(json, added);
  if (bytesMax === undefined) return undefined;
  return normalization === 'nfc'
    ? { bytesPerTokenMax: bytesMax * nfcShrinkMax, normalize: (text) => text.normalize('NFC') }
    : { bytesPerTokenMax: bytesMax, normalize: (text) => text };
};

const normalizationOf = (json: JsonRecord, config: JsonRecord): 'none' | 'nfc' | undefined => {
  if (config['remove_space'] === true) return undefined;
  if (config['do_lowercase_and_remove_accent'] === true) return undefined;
  const normalizer = json['normalizer'];
  if (normalizer === null || normalizer === undefined) return 'none';
  return isRecord(normalizer) && stringIn(normalizer, 'type') === 'NFC' ? 'nfc' : undefined;
};

const addedTokensIn = (json: JsonRecord): readonly JsonRecord[] => {
  const added: unknown = json['added_tokens'];
  return Array.isArray(added) ? added.filter(isRecord) : [];
};

/**
 * Swallows no space beside it, and is spelled in characters that stand for themselves in a
 * byte-level vocabulary.
 */
const isPlain = (token: JsonRecord): boolean =>
  token['lstrip'] !== true &&
  token['rstrip'] !== true &&
  (token['special'] !== true || /^[!-~]+$/.test(stringIn(token, 'content') ?? ''));

/** Whether the text is cut into pieces without losing any, and then into bytes. */
const keepsEveryByte = (json: JsonRecord): boolean => {
  const steps = stepsOf(json['pre_tokenizer']);
  return steps.some((step) => step['type'] === 'ByteLevel') && steps.every(losesNothing);
};

const stepsOf = (step: unknown): readonly JsonRecord[] => {
  if (!isRecord(step)) return [];
  const inner: unknown = step['pretokenizers'];
  return Array.isArray(inner) ? inner.flatMap(stepsOf) : [step];
};

const losesNothing = (step: JsonRecord): boolean => {
  switch (step['type']) {
    case 'ByteLevel':
    case 'Digits':
      return true;
    case 'Split':
      return step['invert'] !== true && stringIn(step, 'behavior')?.toLowerCase() !== 'removed';
    default:
      return false;
  }
};

/** Bytes of the longest entry; `undefined` when some byte has none and would be dropped. */
const longestEntry = (json: JsonRecord, added: readonly JsonRecord[]): number | undefined => {
  const model = recordIn(json, 'model');
  if (stringIn(model, 'type') !== 'BPE') return undefined;
  // In a byte-level vocabulary each character is the name of a byte.
  const lengths = Object.keys(recordIn(model, 'vocab')).map((entry) => entry.length);
  if (lengths.filter((length) => length === 1).length < 256) return undefined;
  const addedBytes = added.map((token) => Buffer.byteLength(stringIn(token, 'content') ?? ''));
  return [...lengths, ...addedBytes].reduce((most, each) => Math.max(most, each), 1);
};
