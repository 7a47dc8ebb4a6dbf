import { describe, expect, it } from '@jest/globals';
import { mediaFile, tone, wavFile } from '../../testing/media-files.ts';
import { decodeAudio } from './decode-audio.ts';
import { inspectAudio } from './inspect-audio.ts';
import { resample } from './resample.ts';

const files = [
  'tone.wav',
  'tone-float.wav',
  'tone.flac',
  'tone.mp3',
  'tone-vorbis.ogg',
  'tone-opus.ogg',
];

/** How alike two sounds are, from -1 to 1. */
const correlation = (a: Float32Array, b: Float32Array): number => {
  let [product, ownA, ownB] = [0, 0, 0];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [x, y] = [a[index] ?? 0, b[index] ?? 0];
    product += x * y;
    ownA += x * x;
    ownB += y * y;
  }
  return product / Math.sqrt(ownA * ownB);
};

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'invalid_argument', message: expect.stringMatching(message) });

describe('sounds', () => {
  it.each(files)('%s is as long as its header says and sounds like the original', async (name) => {
    const bytes = await mediaFile(name);
    const header = inspectAudio(bytes);
    expect(header.samples / header.sampleRateHz).toBeCloseTo(0.7, 2);
    const sound = await decodeAudio(bytes);
    expect(sound.samples).toHaveLength(header.samples);
    const at16k = resample(sound.samples, sound.sampleRateHz, 16_000);
    const original = await decodeAudio(await mediaFile('tone.wav'));
    // Opus moves the phase of what it thinks is noise.
    const least = name === 'tone-opus.ogg' ? 0.9 : 0.995;
    expect(correlation(at16k, original.samples)).toBeGreaterThan(least);
  });

  it.each([
    [8, false, 1e-2],
    [16, false, 1e-4],
    [24, false, 1e-6],
    [32, false, 1e-7],
    [32, true, 1e-7],
    [64, true, 1e-7],
  ] as const)('WAV of %d bits (float: %s) is read to the bit', async (bits, float, tolerance) => {
    const samples = tone(0.1, 500);
    const read = await decodeAudio(wavFile(samples, { bits, float }));
    const differences = samples.map((value, index) => Math.abs(value - (read.samples[index] ?? 9)));
    expect(Math.max(...differences)).toBeLessThan(tolerance);
  });

  it('of two channels are mixed to their mean', async () => {
    const stereo = Float32Array.from([0.5, 0.1, -0.5, 0.1, 1, -1]);
    const { samples } = await decodeAudio(wavFile(stereo, { channels: 2, bits: 32, float: true }));
    expect(Array.from(samples, (each) => Math.round(each * 1000) / 1000)).toEqual([0.3, -0.2, 0]);
  });

  it.each([44_100, 48_000, 22_050, 8000, 11_025])(
    'at %d Hz are resampled to 16 kHz as if recorded so',
    (rate) => {
      const made = resample(tone(1, 1000, rate), rate, 16_000);
      const wanted = tone(1, 1000);
      expect(made).toHaveLength(16_000);
      // Silence stands before and behind the sound: its edges ring.
      const middle = (sound: Float32Array): Float32Array => sound.subarray(500, 15_500);
      const differences = middle(made).map((value, index) =>
        Math.abs(value - (middle(wanted)[index] ?? 9)),
      );
      expect(Math.max(...differences)).toBeLessThan(2e-4);
    },
  );

  it('above half the new rate are taken out, not folded', () => {
    const made = resample(tone(1, 11_000, 48_000), 48_000, 16_000);
    expect(Math.max(...made.subarray(500, 15_500).map(Math.abs))).toBeLessThan(1e-3);
  });
});

describe('sounds that are refused', () => {
  const plain = wavFile(tone(0.5, 440));
  const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer);
  const changed = (bytes: Uint8Array, change: (view: DataView) => void): Uint8Array => {
    const copy = bytes.slice();
    change(view(copy));
    return copy;
  };
  const withTail = (bytes: Uint8Array, tail: string): Uint8Array =>
    new Uint8Array(Buffer.concat([bytes, Buffer.from(tail, 'latin1')]));

  it.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /0 bytes/],
    [
      'a picture',
      new Uint8Array(Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF', 'latin1')),
      /no.* sound/,
    ],
    ['text', new Uint8Array(Buffer.from('this is not a sound')), /not a sound/],
    ['a header alone', plain.slice(0, 40), /no format or no samples/],
    ['cut off', plain.slice(0, 4000), /truncated/],
    ['no channels', changed(plain, (file) => file.setUint16(22, 0, true)), /damaged/],
    ['200 channels', wavFile(new Float32Array(200), { channels: 200 }), /200 channels/],
    ['1 sample a second', wavFile([0, 0], { sampleRateHz: 1 }), /1 samples a second/],
    ['a compressed WAV', changed(plain, (file) => file.setUint16(20, 0x11, true)), /format 17/],
    ['no samples', wavFile([]), /no samples/],
    [
      'a page behind it',
      withTail(plain, '<html><script>alert(1)</script></html>'),
      /page or a script/,
    ],
    ['bytes behind it', withTail(plain, 'x'.repeat(5000)), /goes on behind/],
    [
      '11 minutes',
      wavFile(new Float32Array(4000 * 660), { sampleRateHz: 4000, bits: 8 }),
      /660.0 s/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => inspectAudio(bytes)).toThrow(refusal(message));
  });

  it('an MP3 frame that is cut off in the account of its encoder', () => {
    const bytes = Uint8Array.from([
      255, 243, 136, 196, 0, 0, 0, 0, 0, 0, 0, 0, 0, 73, 110, 102, 111,
    ]);
    expect(() => inspectAudio(bytes)).toThrow(refusal(/no samples/));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300])(
    'a sample that is %d',
    async (value) => {
      const samples = Float64Array.from(tone(0.1, 440));
      samples[700] = value;
      const file = wavFile(samples, { bits: 64, float: true });
      await expect(decodeAudio(file)).rejects.toEqual(refusal(/Sample 700 .*no number/));
    },
  );

  it('a FLAC file that holds more than it says', async () => {
    const lying = (await mediaFile('tone.flac')).slice();
    // The number of samples is the low 36 bits of the eight bytes from 18 on.
    const header = view(lying);
    header.setUint32(22, 1600);
    await expect(decodeAudio(lying)).rejects.toEqual(refusal(/more than the 1600 samples/));
  });

  it('a FLAC file that claims hours, before it is decoded', async () => {
    const lying = (await mediaFile('tone.flac')).slice();
    view(lying).setUint32(22, 0xffff_ffff);
    expect(() => inspectAudio(lying)).toThrow(refusal(/lasts \d+\.\d s/));
  });

  it.each(['tone.flac', 'tone.mp3', 'tone-vorbis.ogg', 'tone-opus.ogg'])(
    '%s with its second half cut off',
    async (name) => {
      const bytes = await mediaFile(name);
      const half = bytes.slice(0, bytes.length / 2);
      // Half an MP3 is an MP3 of half the length.
      if (name === 'tone.mp3') expect(inspectAudio(half).samples).toBeLessThan(7000);
      else await expect(decodeAudio(half)).rejects.toEqual(refusal(/truncated|damaged/));
    },
  );

  it.each(['tone.flac', 'tone-vorbis.ogg', 'tone-opus.ogg', 'tone.mp3'])(
    '%s with its middle overwritten, or it is heard: never a failure of ours',
    async (name) => {
      const bytes = (await mediaFile(name)).slice();
      const middle = Math.floor(bytes.length / 2);
      bytes.fill(0x5a, middle, middle + 1500);
      const outcome = await decodeAudio(bytes).then(
        ({ samples }) => samples.every(Number.isFinite),
        (thrown: unknown) => (thrown as { code: string }).code === 'invalid_argument',
      );
      expect(outcome).toBe(true);
    },
  );
});
