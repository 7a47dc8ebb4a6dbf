import { Fault } from '@isotherm/kernel';
import { createTokenVocabulary, type TokenVocabulary } from '../grammar/token-trie.ts';
import { readJson } from '../model-folder/json-file.ts';
import type { ModelFolder } from '../model-folder/model-folder.ts';
import { tokenBytes } from './detokenizer.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

/** Reads the vocabulary of a model folder as a grammar needs it. Special tokens and placeholders have no text. */
export const loadTokenVocabulary = async (folder: ModelFolder): Promise<TokenVocabulary> => {
  const [json, config] = await Promise.all([
    readJson(folder.dir, 'tokenizer.json'),
    readJson(folder.dir, 'tokenizer_config.json'),
  ]);
  const tokenizer = createTokenizer(json, config);
  if (!tokenizer.byteLevel) {
    const problem = 'JSON output needs a model with a byte-level tokenizer.';
    throw new Fault('unsupported', problem, { param: 'response_format' });
  }
  const { vocabularySize, endOfTextTokens } = folder.facts('fp32');
  const silent = new Set([...endOfTextTokens, ...Object.values(folder.placeholderIds)]);
  const bytes = Array.from({ length: vocabularySize }, (_, token) =>
    silent.has(token) || tokenizer.addedTokens.get(token)?.special === true
      ? undefined
      : tokenBytes(tokenizer, token),
  );
  return createTokenVocabulary(bytes, endOfTextTokens);
};

/** Whether every byte has a token of its own. */
export const writesEveryByte = (tokenizer: Tokenizer, vocabularySize: number): boolean => {
  if (!tokenizer.byteLevel) return false;
  const single = new Set<number | undefined>();
  for (let token = 0; token < vocabularySize; token++) {
    if (tokenizer.spelling(token)?.length !== 1) continue;
    single.add(tokenBytes(tokenizer, token)[0]);
  }
  return single.size === 256;
};
