import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { mediaFile } from '../../testing/media-files.ts';
import { decodeAudio } from './decode-audio.ts';
import { planLogMel } from './log-mel.ts';

const run = promisify(execFile);
const options = {
  melBins: 80,
  sampleRateHz: 16_000,
  fourierSize: 400,
  hopSamples: 160,
  windowSamples: 32_000,
};
const logMel = planLogMel(options);

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let index = 0; index < a.length; index++) {
    largest = Math.max(largest, Math.abs((a[index] ?? 0) - (b[index] ?? 0)));
  }
  return largest;
};

/** Differences allowed; features lie between -1 and about 2. */
const tolerance = 2e-4;

describe('the log-mel spectrogram', () => {
  it('is that of an implementation in NumPy', async () => {
    const { samples } = await decodeAudio(await mediaFile('tone.wav'));
    const golden = new Float32Array((await mediaFile('tone-mel.bin')).buffer);
    const features = logMel(samples);
    const everyFifth = features.filter((_, index) => index % 5 === 0);
    expect(largestDifference(everyFifth, golden)).toBeLessThan(tolerance);
  });

  it('is that of transformers.js', async () => {
    const compared = await run(process.execPath, ['--input-type=module', '--eval', comparison]);
    const differences = JSON.parse(compared.stdout) as Readonly<Record<string, number>>;
    expect(Object.keys(differences)).toEqual(['tone', 'half', 'noise', 'silence', 'sample']);
    for (const difference of Object.values(differences)) expect(difference).toBeLessThan(tolerance);
  });
});

/** In a process of its own: the library does not take typed arrays of the tests' realm. */
const comparison = `
  const { WhisperFeatureExtractor } = await import(${JSON.stringify(import.meta.resolve('@huggingface/transformers'))});
  const { planLogMel } = await import(${JSON.stringify(new URL('./log-mel.js', import.meta.url).href)});
  const logMel = planLogMel(${JSON.stringify(options)});
  const extractor = new WhisperFeatureExtractor({
    feature_extractor_type: 'WhisperFeatureExtractor', feature_size: 80, sampling_rate: 16000, n_fft: 400,
    hop_length: 160, chunk_length: 2, n_samples: 32000, nb_max_frames: 200,
  });
  const made = (length, value) => Float32Array.from({ length }, (_, index) => value(index));
  const sounds = {
    tone: made(32000, (index) => 0.5 * Math.sin(index / 5)),
    half: made(16000, (index) => 0.5 * Math.sin(index)),
    noise: made(20000, (index) => Math.sin(index * index) / 3),
    silence: made(32000, () => 0),
    sample: made(1, () => 0.5),
  };
  const differences = {};
  for (const [name, samples] of Object.entries(sounds)) {
    const { input_features: theirs } = await extractor(samples);
    const ours = logMel(samples);
    if (theirs.dims.join() !== '1,80,200') throw new Error(theirs.dims.join());
    differences[name] = Math.max(...ours.map((value, index) => Math.abs(value - theirs.data[index])));
  }
  console.log(JSON.stringify(differences));
`;
