import { Fault } from '@isotherm/kernel';
import { type AudioInput, audioWindows } from '../model-folder/audio-input.ts';
import { decodeAudio } from './audio/decode-audio.ts';
import { planLogMel } from './audio/log-mel.ts';
import { resample } from './audio/resample.ts';
import type { MediaLimits } from './media-limits.ts';
import type { PrepareMedium } from './prepare-image.ts';

/** Sounds: log-mel spectrograms of windows of equal length, the last filled up: [windows, mel bins, frames]. */
export const audioPreparer = (input: AudioInput, limits: MediaLimits): PrepareMedium => {
  const { melBins, sampleRateHz, hopSamples, windowSamples } = input.logMel;
  const logMel = planLogMel(input.logMel);
  const frames = windowSamples / hopSamples;
  return async (medium) => {
    if (medium.kind !== 'file') throw new Fault('internal', 'A sound is one file.');
    const sound = await decodeAudio(medium.bytes, limits.audio);
    const windows = audioWindows(
      { kind: 'audio', samples: sound.samples.length, sampleRateHz: sound.sampleRateHz },
      input,
    );
    const samples = resample(sound.samples, sound.sampleRateHz, sampleRateHz);
    const data = new Float32Array(windows * melBins * frames);
    for (let window = 0; window < windows; window++) {
      const part = samples.subarray(window * windowSamples, (window + 1) * windowSamples);
      data.set(logMel(part), window * melBins * frames);
    }
    return { shape: [windows, melBins, frames], data };
  };
};
