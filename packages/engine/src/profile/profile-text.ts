import { Fault } from '@isotherm/kernel';
import type { MediaPart, ModelFacts, Prompt, PromptMessage, TextModel } from '../contract.ts';
import { compileProfile, type ProfileOptions } from './profile-options.ts';

/** The vocabulary of the profile model: tokens 0 to 255 are bytes, the rest are marks. */
export const profileTokens = {
  end: 256,
  image: 257,
  system: 258,
  user: 259,
  assistant: 260,
} as const;

export type ProfileTextOptions = Pick<
  ProfileOptions,
  'contextMax' | 'hiddenSize' | 'imageTokens' | 'kvBytesPerToken'
>;

/** Facts of the profile model, whose name is `profile`. */
export const profileFacts = (options: ProfileTextOptions = {}): ModelFacts => {
  const profile = compileProfile(options);
  return {
    name: 'profile',
    architecture: 'decoder-only',
    hiddenSize: profile.hiddenSize,
    vocabularySize: 261,
    contextMax: profile.contextMax,
    endOfTextTokens: [profileTokens.end],
    kvBytesPerToken: profile.kvBytesPerToken,
    crossKvBytesPerToken: 0,
    modalities: ['image'],
    placeholders: [profileTokens.image],
  };
};

/** A byte-level text model that needs no folder: a token for each UTF-8 byte, a mark before each message. */
export const createProfileTextModel = (options: ProfileTextOptions = {}): TextModel => {
  const facts = profileFacts(options);
  const { imageTokens } = compileProfile(options);
  return {
    facts,
    prompt: (messages) => byteLevelPrompt(messages, imageTokens, facts.contextMax),
    tokenBytes: (token) => (token < 256 ? Uint8Array.of(token) : new Uint8Array(0)),
    detokenizer: () => {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      return {
        push: (token) =>
          token < 256 ? decoder.decode(Uint8Array.of(token), { stream: true }) : '',
        end: () => decoder.decode(),
      };
    },
  };
};

const byteLevelPrompt = (
  messages: readonly PromptMessage[],
  imageTokens: number,
  contextMax: number,
): Prompt => {
  const count = tokensOf(messages, imageTokens);
  if (count >= contextMax) {
    throw new Fault(
      'context_length_exceeded',
      `The prompt has ${count} tokens; with at least one for the answer it must stay below ${contextMax}.`,
      { param: 'messages' },
    );
  }
  const encoder = new TextEncoder();
  const tokens: number[] = [];
  const mediaTokens: number[] = [];
  for (const message of messages) {
    tokens.push(profileTokens[message.role]);
    for (const part of message.parts) {
      if (part.kind === 'text') {
        for (const byte of encoder.encode(part.text)) tokens.push(byte);
      } else {
        refuseOther(part);
        mediaTokens.push(imageTokens);
        for (let row = 0; row < imageTokens; row++) tokens.push(profileTokens.image);
      }
    }
  }
  tokens.push(profileTokens.assistant);
  const textTokens = tokens.filter((token) => token !== profileTokens.image).length;
  return { tokenIds: Int32Array.from(tokens), mediaTokens, textTokens };
};

const refuseOther = (part: MediaPart): void => {
  if (part.kind === 'image') return;
  throw new Fault('unsupported', `The model "profile" takes images only, not ${part.kind}.`);
};

/** Tokens of the prompt: its bytes, its placeholders, a mark for each message and one for the answer. */
const tokensOf = (messages: readonly PromptMessage[], imageTokens: number): number =>
  messages
    .flatMap((message) => message.parts)
    .map((part) => (part.kind === 'text' ? Buffer.byteLength(part.text) : imageTokens))
    .reduce((sum, tokens) => sum + tokens, messages.length + 1);
