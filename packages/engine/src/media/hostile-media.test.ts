import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Fault } from '@isotherm/kernel';
import { mediaFile, wavFile } from '../testing/media-files.ts';
import { testAnimation } from '../testing/test-image.ts';
import { decodeAudio } from './audio/decode-audio.ts';
import { defaultAudioLimits } from './audio/audio-limits.ts';
import { inspectAudio } from './audio/inspect-audio.ts';
import { inspectVideo } from './video/inspect-video.ts';

/** Give FC_SEED the seed that a failing run has printed to see the same inputs again. */
const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31);

/** Longest look at a header, in milliseconds: it takes microseconds, and the machine may be busy. */
const inspectMsMax = 2000;

const names = [
  'tone.wav',
  'tone-float.wav',
  'tone.flac',
  'tone.mp3',
  'tone-vorbis.ogg',
  'tone-opus.ogg',
];

/** Cut short, bytes of the header changed, bytes elsewhere changed, or a piece put in twice. */
const broken = (files: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      file: fc.constantFrom(...files),
      keep: fc.double({ min: 0, max: 2, noNaN: true }),
      early: fc.array(fc.tuple(fc.nat(63), fc.nat(255)), { maxLength: 3 }),
      late: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      twice: fc.boolean(),
    })
    .map(({ file, keep, early, late, twice }) => {
      const bytes = file.slice(0, Math.ceil(file.length * keep));
      for (const [at, to] of [...early, ...late]) bytes[at % Math.max(1, bytes.length)] = to;
      return twice ? new Uint8Array(Buffer.concat([bytes, bytes.subarray(-500)])) : bytes;
    });

const expectRefusal = (thrown: unknown): void => {
  expect(thrown).toBeInstanceOf(Fault);
  expect(thrown).toMatchObject({ code: 'invalid_argument' });
};

describe(`media that are broken in every way (FC_SEED=${seed})`, () => {
  let sounds: readonly Uint8Array[];
  let clips: readonly Uint8Array[];
  beforeAll(async () => {
    sounds = await Promise.all(names.map(mediaFile));
    const files = await Promise.all(['clip.mp4', 'clip.webm'].map(mediaFile));
    clips = [...files, await testAnimation(5)];
  });

  it.each(['sounds', 'clips'] as const)('as %s are read or refused, at once', (kind) => {
    const files = kind === 'sounds' ? sounds : clips;
    const inspect = kind === 'sounds' ? inspectAudio : inspectVideo;
    fc.assert(
      fc.property(broken(files), (bytes) => {
        const startMs = performance.now();
        try {
          inspect(bytes);
        } catch (thrown) {
          expectRefusal(thrown);
        }
        expect(performance.now() - startMs).toBeLessThan(inspectMsMax);
      }),
      { seed, numRuns: 600 },
    );
  });

  it('as sounds are decoded to as many numbers as they say, or refused', async () => {
    await fc.assert(
      fc.asyncProperty(broken(sounds), async (bytes) => {
        try {
          const { samples } = await decodeAudio(bytes);
          expect(samples).toHaveLength(inspectAudio(bytes).samples);
          expect(samples.every(Number.isFinite)).toBe(true);
        } catch (thrown) {
          expectRefusal(thrown);
        }
      }),
      { seed, numRuns: 80 },
    );
  }, 60_000);
});

describe('100 MB of sound that say one second', () => {
  const bytes = new Uint8Array(100 * 2 ** 20);
  bytes.set(wavFile(new Float32Array(16_000)));

  it.each([
    ['are too large', defaultAudioLimits, /104857600 bytes; at most 33554432/],
    ['or are no WAV file', { ...defaultAudioLimits, bytesMax: 2 ** 30 }, /goes on behind/],
  ])('%s', (_, limits, message) => {
    const startMs = performance.now();
    expect(() => inspectAudio(bytes, limits)).toThrow(message);
    expect(performance.now() - startMs).toBeLessThan(inspectMsMax);
  });
});
