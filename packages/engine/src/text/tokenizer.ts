import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { Fault } from '@isotherm/kernel';
import { isRecord, type JsonRecord, stringIn } from '../model-folder/json-file.ts';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

/** What the text side needs of a tokenizer. */
export interface Tokenizer {
  /** `mark`: whether to add what the tokenizer itself puts around a text (such as a begin mark). */
  encode(text: string, options: { readonly mark: boolean }): readonly number[];
  /** Text of whole tokens; special ones are left out, spaces are kept as they are. */
  decode(tokens: readonly number[]): string;
  /** Spelling of a token in the vocabulary; `undefined` outside of it. */
  spelling(token: number): string | undefined;
  readonly addedTokens: ReadonlyMap<number, AddedToken>;
  /** Whether the decoder is plain byte-level: a token is a run of bytes. */
  readonly byteLevel: boolean;
}

/** Builds a tokenizer from `tokenizer.json` and `tokenizer_config.json`. */
export const createTokenizer = (json: JsonRecord, config: JsonRecord): Tokenizer => {
  let inner: HuggingFaceTokenizer;
  try {
    inner = new HuggingFaceTokenizer(json, config);
  } catch (cause) {
    throw new Fault('unsupported', 'tokenizer.json of the model folder cannot be used.', { cause });
  }
  const decoder = json['decoder'];
  return {
    encode: (text, { mark }) => inner.encode(text, { add_special_tokens: mark }).ids,
    decode: (tokens) =>
      tokens.length === 0
        ? ''
        : inner.decode([...tokens], {
            skip_special_tokens: true,
            clean_up_tokenization_spaces: false,
          }),
    spelling: (token) => inner.id_to_token(token),
    addedTokens: inner.get_added_tokens_decoder(),
    byteLevel: isRecord(decoder) && stringIn(decoder, 'type') === 'ByteLevel',
  };
};
