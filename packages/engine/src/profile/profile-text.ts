import { Fault } from '@isotherm/kernel';
import {
  type MediaPart,
  type ModelFacts,
  modalities,
  type Prompt,
  type PromptMessage,
  type TextModel,
} from '../contract.ts';
import { type CompiledProfile, compileProfile, type ProfileOptions } from './profile-options.ts';

/** The vocabulary of the profile model: tokens 0 to 255 are bytes, the rest are marks. */
export const profileTokens = {
  end: 256,
  /** Stands for one row of the embedding of a medium, whatever its kind. */
  medium: 257,
  system: 258,
  user: 259,
  assistant: 260,
} as const;

export type ProfileTextOptions = Pick<
  ProfileOptions,
  | 'contextMax'
  | 'hiddenSize'
  | 'imageTokens'
  | 'audioTokensPerSecond'
  | 'videoTokens'
  | 'kvBytesPerToken'
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
    modalities,
    placeholders: [profileTokens.medium],
  };
};

/** A byte-level text model that needs no folder: a token for each UTF-8 byte, a mark before each message. */
export const createProfileTextModel = (options: ProfileTextOptions = {}): TextModel => {
  const facts = profileFacts(options);
  const profile = compileProfile(options);
  return {
    facts,
    tokensOf: (part) => mediumTokens(part, profile),
    prompt: (messages) => byteLevelPrompt(messages, profile),
    // Its engines make up their tokens.
    takesGrammars: false,
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

const byteLevelPrompt = (messages: readonly PromptMessage[], profile: CompiledProfile): Prompt => {
  const { contextMax } = profile;
  const count = tokensOf(messages, profile);
  if (count >= contextMax) {
    throw new Fault(
      'context_length_exceeded',
      `The prompt has ${count} tokens; with at least one for the answer it must stay below ${contextMax}.`,
      { param: 'messages' },
    );
  }
  const encoder = new TextEncoder();
  // Of its final size from the start: a list that grows costs a text of 220,000 bytes 15 ms, most of it to collect it again.
  const tokenIds = new Int32Array(count);
  const mediaTokens: number[] = [];
  let at = 0;
  for (const message of messages) {
    tokenIds[at++] = profileTokens[message.role];
    for (const part of message.parts) {
      if (part.kind === 'text') {
        const bytes = encoder.encode(part.text);
        tokenIds.set(bytes, at);
        at += bytes.length;
      } else {
        const rows = mediumTokens(part, profile);
        mediaTokens.push(rows);
        tokenIds.fill(profileTokens.medium, at, at + rows);
        at += rows;
      }
    }
  }
  tokenIds[at] = profileTokens.assistant;
  const placeholders = mediaTokens.reduce((sum, rows) => sum + rows, 0);
  return { tokenIds, mediaTokens, textTokens: count - placeholders };
};

const mediumTokens = (part: MediaPart, profile: CompiledProfile): number => {
  switch (part.kind) {
    case 'image':
      return profile.imageTokens;
    case 'audio':
      return Math.ceil(part.samples / part.sampleRateHz) * profile.audioTokensPerSecond;
    case 'video':
      return profile.videoTokens;
    default:
      return part satisfies never;
  }
};

/** Tokens of the prompt: its bytes, its placeholders, a mark for each message and one for the answer. */
const tokensOf = (messages: readonly PromptMessage[], profile: CompiledProfile): number =>
  messages
    .flatMap((message) => message.parts)
    .map((part) =>
      part.kind === 'text' ? Buffer.byteLength(part.text) : mediumTokens(part, profile),
    )
    .reduce((sum, tokens) => sum + tokens, messages.length + 1);
