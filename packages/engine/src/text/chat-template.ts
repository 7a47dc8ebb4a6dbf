import { Template } from '@huggingface/jinja';
import { Fault } from '@isotherm/kernel';
import type { Modality, PromptMessage } from '../contract.ts';
import {
  type JsonRecord,
  readOptionalJson,
  readOptionalText,
  stringIn,
} from '../model-folder/json-file.ts';

/** How the tokenizer spells the placeholder of each modality. */
export type Placeholders = Readonly<Partial<Record<Modality, string>>>;

/** Renders a conversation to the text that the model was trained on, ending where its answer begins. */
export type ChatTemplate = (messages: readonly PromptMessage[]) => string;

/**
 * The chat template of a model folder: `chat_template.jinja`, `chat_template.json`, or `chat_template` of
 * tokenizer_config.json, in that order (the newer place first).
 */
export const loadChatTemplate = async (
  dir: string,
  tokenizerConfig: JsonRecord,
  placeholders: Placeholders,
): Promise<ChatTemplate> => {
  const source =
    (await readOptionalText(dir, 'chat_template.jinja')) ??
    stringIn((await readOptionalJson(dir, 'chat_template.json')) ?? {}, 'chat_template') ??
    templateIn(tokenizerConfig['chat_template']);
  if (source === undefined) {
    throw new Fault(
      'unsupported',
      'The model folder has no chat template: chat_template.jinja, chat_template.json or tokenizer_config.json must hold one.',
    );
  }
  return chatTemplate(source, specialTokensOf(tokenizerConfig), placeholders);
};

/** `chat_template` may be one template or a list of named ones, of which `default` is meant. */
const templateIn = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named = value.find(
    (each: unknown): each is { name: string; template: string } =>
      typeof each === 'object' &&
      each !== null &&
      'name' in each &&
      each.name === 'default' &&
      'template' in each &&
      typeof each.template === 'string',
  );
  return named?.template;
};

/** `bos_token` and the like, which templates write themselves. */
export const specialTokensOf = (tokenizerConfig: JsonRecord): Readonly<Record<string, string>> => {
  const entries: [string, string][] = [];
  for (const key of ['bos_token', 'eos_token', 'pad_token', 'unk_token']) {
    const value = tokenizerConfig[key];
    const text =
      typeof value === 'object' && value !== null && 'content' in value ? value.content : value;
    if (typeof text === 'string') entries.push([key, text]);
  }
  return Object.fromEntries(entries);
};

/**
 * Compiles a template. A template that looks at the `type` of content parts gets lists of them; one for plain text
 * gets a string in which a medium is the placeholder of its modality.
 */
export const chatTemplate = (
  source: string,
  specialTokens: Readonly<Record<string, string>>,
  placeholders: Placeholders,
): ChatTemplate => {
  let template: Template;
  try {
    template = new Template(source);
  } catch (cause) {
    throw new Fault('unsupported', 'The chat template of the model cannot be parsed.', { cause });
  }
  const takesParts = /['"]type['"]|\.type\b/.test(source);
  const contentOf = (message: PromptMessage): unknown =>
    takesParts
      ? message.parts.map((part) =>
          part.kind === 'text' ? { type: 'text', text: part.text } : { type: part.kind },
        )
      : message.parts
          .map((part) => (part.kind === 'text' ? part.text : (placeholders[part.kind] ?? '')))
          .join('');
  return (messages) => {
    try {
      return template.render({
        ...specialTokens,
        messages: messages.map((message) => ({
          role: message.role,
          content: contentOf(message),
        })),
        add_generation_prompt: true,
      });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'unknown reason';
      throw new Fault(
        'invalid_argument',
        `The model's chat template refuses these messages: ${reason}`,
        { param: 'messages', cause },
      );
    }
  };
};
