import { describe, expect, it } from '@jest/globals';
import { linearProfile, type ModelProfile, type ProfileEntry } from '@isotherm/kernel';
import {
  profileDecodeEngine,
  profileEncodeEngine,
  profilePrefillEngine,
} from './profile-engines.ts';
import { chooseEntry, optionsOfProfile, profiledTime, type StageTime } from './stage-time.ts';
import { profileTokens } from './profile-text.ts';
import { deviceTime } from './take-time.ts';

const entry = (name: string, different: Partial<ProfileEntry> = {}): ProfileEntry => {
  const stage = different.stage ?? 'decode';
  const about = { stage, model: 'm', hardware: 'h', gpus: 1, precision: 'bf16', batchMax: 12 };
  const lines = linearProfile(
    { ...about, source: 'test' },
    { fixedMs: 5, eachMs: 1, tokenMs: 0.01 },
  );
  return { ...lines, name, startS: 1, load: [], ...different };
};

const file: ModelProfile = {
  ...{ name: 'file', model: 'm', reading: 'decoder-only', sources: [] },
  shape: { contextMaxTokens: 9000, imageTokens: 77, hiddenSize: 8192, kvBytesPerToken: 327_680 },
  stages: [
    entry('encode-1', { stage: 'encode', batchMax: 3 }),
    entry('decode-1', { kvTokensMax: 1000 }),
    entry('decode-8', { batchMax: 99 }),
  ],
};

/** Counts what it is asked for instead of letting it pass. */
const counted = (of: ProfileEntry): { readonly time: StageTime; readonly taken: number[] } => {
  const taken: number[] = [];
  const take = (ms: number): Promise<void> => Promise.resolve(void taken.push(ms));
  return { time: { ...profiledTime(of), take }, taken };
};

const never = new AbortController().signal;
const sampling = { temperature: 0, topP: 1, seed: 0 };
const picture = (byte: number, tokens: number) => ({
  ...{ kind: 'file' as const, modality: 'image' as const, tokens },
  bytes: Uint8Array.of(byte),
});

describe('engines that serve a profile', () => {
  it('take what it says of the batch and of the tokens of each', async () => {
    const { time, taken } = counted(entry('e', { stage: 'encode' }));
    const engine = profileEncodeEngine({}, time);
    const media = [picture(1, 100), picture(2, 300)];
    const outcomes = await engine.encode(media, never);
    await engine.encode(media, never, (index) => {
      const outcome = outcomes[index];
      return index === 0 && outcome?.kind === 'done' ? outcome.value : undefined;
    });
    await engine.encode(media, never, (index) => {
      const outcome = outcomes[index];
      return outcome?.kind === 'done' ? outcome.value : undefined;
    });
    // Two of 200 on average; the second alone; none.
    expect(taken).toEqual([5 + 2 * (1 + 2), 5 + 1 + 3, 0]);
  });

  it('count media tokens of a prompt as the profile does', async () => {
    const { time, taken } = counted(entry('p', { stage: 'prefill', mediaTokenShare: 0.5 }));
    const [embedding] = await profileEncodeEngine().encode([picture(1, 40)], never);
    if (embedding?.kind !== 'done') throw new Error('not encoded');
    const tokenIds = new Int32Array(100).fill(97).fill(profileTokens.medium, 0, 40);
    const input = { tokenIds, embeddings: [embedding.value], sampling, tokenIndex: 0 };
    await profilePrefillEngine({}, time).prefill(input, never);
    expect(taken).toEqual([5 + 1 + 0.8]);
  });

  it('take longer steps for more sequences and for longer contexts', async () => {
    const { time, taken } = counted(entry('d'));
    const engine = profileDecodeEngine({ kvBytesPerToken: 4 }, time);
    const join = (id: string, tokens: number) =>
      engine.join(id, {
        ...{ token: 97, tokenIndex: 0, tokensMax: 50, sampling },
        kvCache: [
          {
            ...{ name: 'k', dataType: 'uint8', shape: [1, tokens, 4] },
            data: new Uint8Array(tokens * 4),
          },
        ],
      });
    await join('a', 99);
    await engine.step();
    await engine.step();
    await join('b', 299);
    await engine.step();
    expect(taken).toEqual(
      [5 + 1 + 1, 5 + 1 + 1.01, 5 + 2 * (1 + 2.01)].map((ms) => expect.closeTo(ms)),
    );
  });
});

describe('a device', () => {
  /** A clock whose timers are late by so much, and units of 0.7 ms with a pause of the host between them. */
  const run = async (units: number, lateMs: number, pauseMs: number): Promise<number> => {
    let now = 0;
    const wait = async (ms: number): Promise<void> => {
      if (ms > 0) now += ms + lateMs;
    };
    const take = deviceTime({ nowMs: () => now, wait });
    for (let unit = 0; unit < units; unit += 1) {
      await take(0.7);
      now += pauseMs;
    }
    return now;
  };

  it('does not add up what timers and hosts are late by', async () => {
    expect(Math.abs((await run(1000, 0.9, 0)) - 700)).toBeLessThan(2);
    expect(Math.abs((await run(1000, 30, 0)) - 700)).toBeLessThan(32);
    expect(Math.abs((await run(1000, 0.2, 0.1)) - 700)).toBeLessThan(2);
  });

  it('does not work ahead while nobody asks it to', async () => {
    expect(await run(10, 0, 50)).toBeGreaterThanOrEqual(500);
    expect(await run(10, 200, 0)).toBeGreaterThanOrEqual(7);
  });
});

describe('an entry', () => {
  it('is the one that is named, else the first of its stage', () => {
    expect(chooseEntry(file, 'decode').name).toBe('decode-1');
    expect(chooseEntry(file, 'decode', ['encode-1', 'decode-8']).name).toBe('decode-8');
  });

  it('has to be there', () => {
    expect(() => chooseEntry(file, 'prefill')).toThrow('has no entry for prefill');
    expect(() => chooseEntry(file, 'decode', ['decode-2'])).toThrow(
      'has no entry decode-2; it has encode-1, decode-1, decode-8',
    );
  });

  it('gives the stand-in its sizes, but not the weight of its payloads', () => {
    expect(optionsOfProfile(file)).toEqual({
      ...{ contextMax: 9000, imageTokens: 77, batchMax: 3, slots: 12 },
      ...{ kvBytesPerToken: 16, kvBytesMax: 16_000 },
    });
    expect(optionsOfProfile(file, ['decode-8'])).toMatchObject({ slots: 99 });
  });
});
