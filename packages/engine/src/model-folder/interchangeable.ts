import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ModelFolder } from './model-folder.ts';

/**
 * Why one model cannot take the work of another in the middle of it; nothing where it can. The text side, the tokens of a
 * medium and the shapes of embeddings and KV caches have to be the same, since the stages of one request may run different
 * ones. Whether answers are as good is for whoever made them to know.
 */
export const differenceOf = async (
  one: ModelFolder,
  other: ModelFolder,
): Promise<string | undefined> => {
  const [own, its] = [one.facts('fp32'), other.facts('fp32')];
  const compared: readonly (readonly [what: string, own: unknown, its: unknown])[] = [
    ['architecture', own.architecture, its.architecture],
    ['width of an embedding', own.hiddenSize, its.hiddenSize],
    ['vocabulary', own.vocabularySize, its.vocabularySize],
    ['KV cache', one.layouts, other.layouts],
    ['KV cache of a token', own.kvBytesPerToken, its.kvBytesPerToken],
    ['longest context', own.contextMax, its.contextMax],
    ['media', own.modalities, its.modalities],
    ['placeholders', own.placeholders, its.placeholders],
    ['end marks', own.endOfTextTokens, its.endOfTextTokens],
    ['preparation of media', mediaConfigs(one), mediaConfigs(other)],
    ['tokenizer', await tokenizerDigest(one), await tokenizerDigest(other)],
  ];
  return compared.find(([, a, b]) => !isDeepStrictEqual(a, b))?.[0];
};

const mediaConfigs = ({ configs }: ModelFolder) => [configs.preprocessor, configs.processor];

const tokenizerDigest = async ({ dir }: ModelFolder): Promise<string> =>
  createHash('sha256')
    .update(await readFile(join(dir, 'tokenizer.json')))
    .digest('hex');
