import { Fault } from '@isotherm/kernel';
import type { ImageExpansion } from '../model-folder/architecture.ts';
import { readJson } from '../model-folder/json-file.ts';
import { type ModelFolder, readModelFolder } from '../model-folder/model-folder.ts';
import type { Precision } from '../model-folder/precision.ts';
import type { Prompt, PromptMessage, TextModel } from '../contract.ts';
import { loadChatTemplate, specialTokensOf } from './chat-template.ts';
import { createDetokenizer } from './detokenizer.ts';
import { specialTextFault, specialTextFinder } from './special-text.ts';
import { type TextBound, textBound } from './text-bound.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

export interface TextModelOptions {
  /** Decides the facts about the KV cache; fp32 if not given. */
  readonly precision?: Precision;
}

/** Loads the text side of a model folder: tokenizer, chat template and image token rule, no graph. */
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
  const placeholder = tokenizer.spelling(folder.imageTokenId);
  if (placeholder === undefined) {
    throw new Fault(
      'unsupported',
      `Image token ${folder.imageTokenId} of config.json is not in the vocabulary of tokenizer.json.`,
    );
  }
  const template = await loadChatTemplate(folder.dir, tokenizerConfig, placeholder);
  const specialTokens = [...tokenizer.addedTokens.values()].filter((token) => token.special);
  const facts = folder.facts(options.precision ?? 'fp32');
  const bound = textBound(tokenizerJson, tokenizerConfig);
  const contents = [...specialTokens.map((token) => token.content), placeholder];
  const refuseSpecialText = textRefusal(tokenizer, contents, bound);
  const beginMark = specialTokensOf(tokenizerConfig)['bos_token'];
  return {
    facts,
    prompt: (messages) => {
      // The bound is for what the template leaves of the messages: some trim them, or drop parts of them.
      const rendered = template(messages);
      if (bound !== undefined) refuseLongText(rendered, bound, facts.contextMax);
      refuseSpecialText(messages);
      const expansions = imagesOf(messages).map((size) => folder.imageRule(size, placeholder));
      const text = expand(rendered, placeholder, expansions);
      // Templates that write the begin mark themselves must not get a second one from the tokenizer.
      const mark = beginMark === undefined || !text.startsWith(beginMark);
      const tokenIds = Int32Array.from(tokenizer.encode(text, { mark }));
      return checkedPrompt(tokenIds, expansions, folder, facts.contextMax);
    },
    detokenizer: () => createDetokenizer(tokenizer),
  };
};

const imagesOf = (messages: readonly PromptMessage[]) =>
  messages.flatMap((message) => message.parts.filter((part) => part.kind === 'image'));

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

/** Puts what each image expands to in the place of its placeholder. */
const expand = (
  rendered: string,
  placeholder: string,
  expansions: readonly ImageExpansion[],
): string => {
  const pieces = rendered.split(placeholder);
  if (pieces.length - 1 !== expansions.length) {
    throw new Fault(
      'invalid_argument',
      `The model's chat template made ${pieces.length - 1} image placeholders for ${expansions.length} images: ` +
        'this model does not take images in these places.',
      { param: 'messages' },
    );
  }
  return pieces
    .map((piece, index) => (index === 0 ? piece : `${expansions[index - 1]?.text ?? ''}${piece}`))
    .join('');
};

const checkedPrompt = (
  tokenIds: Int32Array,
  expansions: readonly ImageExpansion[],
  folder: ModelFolder,
  contextMax: number,
): Prompt => {
  const imageTokens = expansions.map((expansion) => expansion.tokens);
  const expected = imageTokens.reduce((sum, count) => sum + count, 0);
  const present = tokenIds.filter((token) => token === folder.imageTokenId).length;
  if (present !== expected) {
    throw new Fault(
      'invalid_argument',
      `The prompt has ${present} image tokens where its images have ${expected}.`,
      { param: 'messages' },
    );
  }
  if (tokenIds.length >= contextMax) {
    throw contextFault(`${tokenIds.length} tokens`, contextMax);
  }
  return { tokenIds, imageTokens };
};
