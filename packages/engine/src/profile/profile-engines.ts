import { createHash } from 'node:crypto';
import { Fault } from '@isotherm/kernel';
import type {
  DecodedToken,
  DecodeEngine,
  DecodeStart,
  Embedding,
  EncodeEngine,
  Medium,
  Outcome,
  PrefillEngine,
  PrefillInput,
  Sampling,
  TokenLogprobs,
} from '../contract.ts';
import { createKvMemory } from '../kv-memory.ts';
import { hashFiles, hashWords } from './content-hash.ts';
import { compileProfile, type ProfileOptions } from './profile-options.ts';
import { profileTokens } from './profile-text.ts';
import { linearTime, type StageTime } from './stage-time.ts';
import { oneAtATime } from './take-time.ts';

/** Of all profile engines: what they make depends on the medium alone. */
const scope = 'profile';

/**
 * Engines that take given times and compute nothing. A token is a function of (hash of the prompt's own tokens and
 * embeddings, token index): generated tokens at the prompt's end do not count, so a sequence that is prefilled again
 * elsewhere goes on with the same text. The hash travels in the first four bytes of the KV cache.
 */
export const profileEncodeEngine = (
  options: ProfileOptions = {},
  timed?: StageTime,
): EncodeEngine => {
  const profile = compileProfile(options);
  const time = timed ?? linearTime('encode', profile);
  const inTurn = oneAtATime();
  const embed = (medium: Medium): Outcome<Embedding> => {
    const files = filesOf(medium);
    if (files.length === 0 || files.some((bytes) => bytes.byteLength === 0)) {
      const fault = new Fault('invalid_argument', `The ${medium.modality} has 0 bytes.`);
      return { kind: 'failed', fault };
    }
    const data = new Float32Array(medium.tokens * profile.hiddenSize);
    // 24 bits, which a float32 holds exactly.
    data[0] = hashFiles(files) >>> 8;
    const shape = [medium.tokens, profile.hiddenSize];
    return {
      kind: 'done',
      value: [{ name: 'image_features', dataType: 'float32', shape, data }],
    };
  };
  return {
    batchMax: profile.batchMax,
    scope,
    encode: (media, signal, known) =>
      inTurn(async () => {
        const held = media.map((medium, index) =>
          known?.(index, { contentKey: contentKeyOf(medium), scope }),
        );
        const made = media.filter((_, index) => held[index] === undefined);
        const tokens = made.reduce((sum, medium) => sum + medium.tokens, 0);
        await time.take(time.ms(made.length, tokens / Math.max(1, made.length)), signal);
        return media.map((medium, index) => {
          const value = held[index];
          return value === undefined ? embed(medium) : { kind: 'done', value };
        });
      }),
    close: async () => {},
  };
};

/** A token that is a function of its prompt has a probability of 1, and nothing stands beside it. */
const certain = (token: number, { topLogprobs }: Sampling): TokenLogprobs | undefined => {
  if (topLogprobs === undefined) return undefined;
  return { logprob: 0, top: topLogprobs === 0 ? [] : [{ token, logprob: 0 }] };
};

const filesOf = (medium: Medium): readonly Uint8Array[] =>
  medium.kind === 'file' ? [medium.bytes] : medium.frames;

const contentKeyOf = (medium: Medium): string => {
  const digest = createHash('sha256').update(`${medium.kind} ${medium.modality} ${medium.tokens}`);
  for (const file of filesOf(medium)) digest.update(`\n${file.length}\n`).update(file);
  return digest.digest('hex');
};

/** The token at an index of the answer: words of lower-case letters, so that text stays readable; then the end mark. */
const profileToken = (hash: number, tokenIndex: number, answerTokens: number): number => {
  if (tokenIndex >= answerTokens) return profileTokens.end;
  const draw = hashWords([hash, tokenIndex]);
  return draw % 6 === 0 ? 0x20 : 0x61 + ((draw >>> 8) % 26);
};

/** From one to the next: a prompt of 220,000 tokens has few, and a look at each holds up the event loop for a millisecond. */
const countOf = (tokenIds: Int32Array, wanted: number): number => {
  let count = 0;
  for (let at = tokenIds.indexOf(wanted); at >= 0; at = tokenIds.indexOf(wanted, at + 1))
    count += 1;
  return count;
};

const promptHash = ({ tokenIds, embeddings, tokenIndex }: PrefillInput): number =>
  embeddings.reduce(
    (hash, embedding) => hashWords([embedding[0]?.data[0] ?? 0], hash),
    hashWords(tokenIds.subarray(0, tokenIds.length - tokenIndex)),
  );

export const profilePrefillEngine = (
  options: ProfileOptions = {},
  timed?: StageTime,
): PrefillEngine => {
  const profile = compileProfile(options);
  const time = timed ?? linearTime('prefill', profile);
  const inTurn = oneAtATime();
  return {
    prefill: (input, signal) => {
      const sinceMs = performance.now();
      return inTurn(async () => {
        const waitedMs = performance.now() - sinceMs;
        const tokens = input.tokenIds.length;
        const placeholders = countOf(input.tokenIds, profileTokens.medium);
        const worked = tokens - placeholders * (1 - time.mediaTokenShare);
        await time.take(time.ms(1, worked), signal);
        const rows = input.embeddings.reduce((sum, each) => sum + (each[0]?.shape[0] ?? 0), 0);
        if (placeholders !== rows) {
          throw new Fault(
            'invalid_argument',
            `The prompt has ${placeholders} media placeholders, its embeddings have ${rows} rows.`,
          );
        }
        const hash = promptHash(input);
        const data = new Uint8Array(tokens * profile.kvBytesPerToken);
        new DataView(data.buffer).setUint32(0, hash);
        const token = profileToken(hash, input.tokenIndex, profile.answerTokens);
        const shape = [1, tokens, profile.kvBytesPerToken];
        return {
          token,
          endOfText: token === profileTokens.end,
          waitedMs,
          logprobs: certain(token, input.sampling),
          kvCache: [{ name: 'past_key_values.0.key', dataType: 'uint8', shape, data }],
        };
      });
    },
    close: async () => {},
  };
};

interface ProfileSequence {
  readonly sampling: Sampling;
  readonly hash: number;
  contextTokens: number;
  tokenIndex: number;
  remaining: number;
}

export const profileDecodeEngine = (
  options: ProfileOptions = {},
  timed?: StageTime,
): DecodeEngine => {
  const profile = compileProfile(options);
  const time = timed ?? linearTime('decode', profile);
  const batch = new Map<string, ProfileSequence>();
  const kv = createKvMemory({
    slots: profile.slots,
    contextMax: profile.contextMax,
    bytesPerToken: profile.kvBytesPerToken,
    mediaBytesPerToken: 0,
    bytesMax: profile.kvBytesMax === 0 ? undefined : profile.kvBytesMax,
  });
  const next = (sequence: string, state: ProfileSequence): DecodedToken => {
    state.contextTokens += 1;
    state.tokenIndex += 1;
    state.remaining -= 1;
    const token = profileToken(state.hash, state.tokenIndex, profile.answerTokens);
    const finish =
      token === profileTokens.end ? 'endOfText' : state.remaining === 0 ? 'length' : undefined;
    if (finish !== undefined) batch.delete(sequence);
    const logprobs = certain(token, state.sampling);
    return { sequence, token, logprobs, tokenIndex: state.tokenIndex, finish };
  };
  return {
    slots: profile.slots,
    contextMax: kv.contextMax,
    kv,
    join: async (sequence, start) => {
      if (batch.size >= profile.slots) {
        throw new Fault('saturated', `All ${profile.slots} decode slots are taken.`);
      }
      batch.set(sequence, startOf(start, kv.contextMax));
    },
    leave: async (sequence) => {
      batch.delete(sequence);
    },
    step: async () => {
      const members = [...batch];
      const context = members.reduce((sum, [, { contextTokens }]) => sum + contextTokens, 0);
      await time.take(time.ms(members.length, context / Math.max(1, members.length)));
      return members
        .filter(([sequence, state]) => batch.get(sequence) === state)
        .map(([sequence, state]) => next(sequence, state));
    },
    close: async () => {
      batch.clear();
    },
  };
};

const startOf = (start: DecodeStart, contextMax: number): ProfileSequence => {
  const cache = start.kvCache[0];
  if (cache === undefined || cache.data.byteLength < 4) {
    throw new Fault('invalid_argument', 'The KV cache of a profile sequence has at least 4 bytes.');
  }
  const contextTokens = (cache.shape[1] ?? 0) + 1 + start.tokensMax;
  if (contextTokens > contextMax) {
    throw new Fault(
      'context_length_exceeded',
      `The sequence needs a context of ${contextTokens} tokens; a slot has ${contextMax}.`,
    );
  }
  const { buffer, byteOffset } = cache.data;
  return {
    sampling: start.sampling,
    hash: new DataView(buffer, byteOffset).getUint32(0),
    contextTokens: (cache.shape[1] ?? 0) + 1,
    tokenIndex: start.tokenIndex,
    remaining: start.tokensMax,
  };
};
