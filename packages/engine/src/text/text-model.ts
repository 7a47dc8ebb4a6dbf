import { Fault } from '@isotherm/kernel';
import type { MediumExpansion } from '../model-folder/architecture.ts';
import { readJson } from '../model-folder/json-file.ts';
import { type ModelFolder, readModelFolder } from '../model-folder/model-folder.ts';
import type { Precision } from '../model-folder/precision.ts';
import {
  modalities,
  type MediaPart,
  type Prompt,
  type PromptMessage,
  type TextModel,
} from '../contract.ts';
import { loadChatTemplate, type Placeholders, specialTokensOf } from './chat-template.ts';
import { createDetokenizer, tokenBytes } from './detokenizer.ts';
import { specialTextFault, specialTextFinder } from './special-text.ts';
import { type TextBound, textBound } from './text-bound.ts';
import { writesEveryByte } from './token-vocabulary.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

export interface TextModelOptions {
  /** Decides the facts about the KV cache; fp32 if not given. */
  readonly precision?: Precision;
}

/** Loads the text side of a model folder: tokenizer, chat template and media token rules, no graph. */
export const loadTextModel = async (
  dir: string,
  options: TextModelOptions = {},
): Promise<TextModel> => {
  const folder = await readModelFolder(dir);
  const [tokenizerJson, tokenizerConfig] = await Promise.all([
    readJson(folder.dir, 'tokenizer.json'),
    readJson(folder.dir, 'tokenizer_config.json'),
  ]);
  const tokenizer = createTokenizer(tokenizerJson, tokenizerConfig);
  const placeholders = placeholdersOf(folder, tokenizer);
  const template = await loadChatTemplate(folder.dir, tokenizerConfig, placeholders);
  const specialTokens = [...tokenizer.addedTokens.values()].filter((token) => token.special);
  const facts = folder.facts(options.precision ?? 'fp32');
  const bound = textBound(tokenizerJson, tokenizerConfig);
  const contents = [...specialTokens.map((token) => token.content), ...Object.values(placeholders)];
  const refuseSpecialText = textRefusal(tokenizer, contents, bound);
  const beginMark = specialTokensOf(tokenizerConfig)['bos_token'];
  return {
    facts,
    tokensOf: (part) => folder.mediaRule(part, placeholders[part.kind] ?? '').tokens,
    prompt: (messages) => {
      const media = mediaOf(messages).map((part) => ({
        part,
        expansion: folder.mediaRule(part, placeholders[part.kind] ?? ''),
      }));
      // The bound is for what the template leaves of the messages: some trim them, or drop parts of them.
      const rendered = template(messages);
      if (bound !== undefined) refuseLongText(rendered, bound, facts.contextMax);
      refuseSpecialText(messages);
      const text = expand(rendered, placeholders, media);
      // Templates that write the begin mark themselves must not get a second one from the tokenizer.
      const mark = beginMark === undefined || !text.startsWith(beginMark);
      const tokenIds = Int32Array.from(tokenizer.encode(text, { mark }));
      if (tokenIds.length >= facts.contextMax) {
        throw contextFault(`${tokenIds.length} tokens`, facts.contextMax);
      }
      return checkedPrompt(tokenIds, media, folder, placeholders);
    },
    detokenizer: () => createDetokenizer(tokenizer),
    tokenBytes: (token) => tokenBytes(tokenizer, token),
    takesGrammars: writesEveryByte(tokenizer, facts.vocabularySize),
  };
};

const placeholdersOf = (folder: ModelFolder, tokenizer: Tokenizer): Placeholders =>
  Object.fromEntries(
    modalities.flatMap((modality) => {
      const id = folder.placeholderIds[modality];
      if (id === undefined) return [];
      const spelling = tokenizer.spelling(id);
      if (spelling !== undefined) return [[modality, spelling]];
      const message = `The ${modality} token ${id} of config.json is not in the vocabulary of tokenizer.json.`;
      throw new Fault('unsupported', message);
    }),
  );

interface ExpandedMedium {
  readonly part: MediaPart;
  readonly expansion: MediumExpansion;
}

const mediaOf = (messages: readonly PromptMessage[]): readonly MediaPart[] =>
  messages.flatMap((message) =>
    message.parts.filter((part): part is MediaPart => part.kind !== 'text'),
  );

/** Refuses what cannot fit, however it is tokenized: that takes seconds for megabytes of text. */
const refuseLongText = (text: string, bound: TextBound, contextMax: number): void => {
  const tokensOf = (bytes: number): number => Math.ceil(bytes / bound.bytesPerTokenMax);
  // The number of UTF-16 units costs nothing to know, and is never more than that of bytes.
  const roughly = tokensOf(text.length);
  const tokensMin = roughly >= contextMax ? roughly : tokensOf(Buffer.byteLength(text));
  if (tokensMin >= contextMax) throw contextFault(`${tokensMin} tokens or more`, contextMax);
};

const contextFault = (tokens: string, contextMax: number): Fault =>
  new Fault(
    'context_length_exceeded',
    `The prompt has ${tokens}; with at least one for the answer it must stay below ${contextMax}.`,
    { param: 'messages' },
  );

/** Neighbouring texts are looked at together, as a template writes them: half a token in each is a token too. */
const textRefusal = (
  tokenizer: Tokenizer,
  contents: readonly string[],
  bound: TextBound | undefined,
) => {
  const find = specialTextFinder(contents);
  const specialIds = new Set(
    [...tokenizer.addedTokens.values()].filter((token) => token.special).map((token) => token.id),
  );
  return (messages: readonly PromptMessage[]): void => {
    messages.forEach((message, index) => {
      const text = message.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
      const found = find(text) ?? (bound === undefined ? undefined : find(bound.normalize(text)));
      if (found !== undefined) throw specialTextFault(found, index);
      if (bound !== undefined) return;
      // A normalizer may turn other characters into a special token (full-width brackets, for example).
      const id = tokenizer.encode(text, { mark: false }).find((token) => specialIds.has(token));
      if (id !== undefined) throw specialTextFault(tokenizer.spelling(id) ?? String(id), index);
    });
  };
};

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Puts what each medium expands to in the place of its placeholder. */
const expand = (
  rendered: string,
  placeholders: Placeholders,
  media: readonly ExpandedMedium[],
): string => {
  const spellings = new Map(modalities.map((modality) => [placeholders[modality], modality]));
  const marks = Object.values(placeholders).map(escapePattern).join('|');
  const pieces = rendered.split(new RegExp(`(${marks})`));
  const found = pieces.filter((_, index) => index % 2 === 1).map((mark) => spellings.get(mark));
  const expected = media.map(({ part }) => part.kind);
  if (found.join() !== expected.join()) {
    const [made, given] = [found, expected].map((kinds) => kinds.join(', ') || 'none');
    throw new Fault(
      'invalid_argument',
      `The model's chat template made placeholders for other media (${made}) than were given (${given}): ` +
        'this model does not take media in these places.',
      { param: 'messages' },
    );
  }
  return pieces
    .map((piece, index) =>
      index % 2 === 0 ? piece : (media[(index - 1) / 2]?.expansion.text ?? ''),
    )
    .join('');
};

const checkedPrompt = (
  tokenIds: Int32Array,
  media: readonly ExpandedMedium[],
  folder: ModelFolder,
  placeholders: Placeholders,
): Prompt => {
  for (const modality of modalities) {
    const id = folder.placeholderIds[modality];
    if (id === undefined) continue;
    const places = media
      .filter(({ part }) => part.kind === modality)
      .map(({ expansion }) => occurrences(expansion.text, placeholders[modality]));
    const present = tokenIds.filter((token) => token === id).length;
    const expected = sum(places);
    if (present === expected) continue;
    throw new Fault(
      'invalid_argument',
      `The prompt has ${present} ${modality} tokens where its media have ${expected}.`,
      { param: 'messages' },
    );
  }
  const mediaTokens = media.map(({ expansion }) => expansion.tokens);
  const rows = folder.architecture.kind === 'decoder-only' ? sum(mediaTokens) : 0;
  return { tokenIds, mediaTokens, textTokens: tokenIds.length - rows };
};

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

const occurrences = (text: string, part: string | undefined): number =>
  part === undefined ? 0 : text.split(part).length - 1;
