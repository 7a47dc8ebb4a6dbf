import { Fault } from '@isotherm/kernel';
import { resampledLength } from '../media/audio/resample.ts';
import type { LogMelOptions } from '../media/audio/log-mel.ts';
import type { MediaPart } from '../contract.ts';
import type { MediumExpansion, ModelConfigs } from './architecture.ts';
import { numberIn, recordIn, requiredCount, stringIn } from './json-file.ts';

/** How a model takes sounds: as windows of equal length, each a log-mel spectrogram and a fixed number of tokens. */
export interface AudioInput {
  readonly placeholderId: number;
  readonly tokensPerWindow: number;
  readonly windowsMax: number;
  readonly logMel: LogMelOptions;
}

/**
 * Reads `audio_token_index` and `audio_config` of config.json, and the keys of a Whisper feature extractor in
 * preprocessor_config.json. Undefined for a model without sound. Faults: `unsupported` for what is missing.
 */
export const readAudioInput = ({ config, preprocessor }: ModelConfigs): AudioInput | undefined => {
  const placeholderId = numberIn(config, 'audio_token_index') ?? numberIn(config, 'audio_token_id');
  if (placeholderId === undefined) return undefined;
  const audio = recordIn(config, 'audio_config');
  const extractor = stringIn(preprocessor, 'feature_extractor_type');
  if (extractor !== 'WhisperFeatureExtractor') {
    throw new Fault(
      'unsupported',
      `preprocessor_config.json must name WhisperFeatureExtractor for sounds, not ${extractor ?? 'nothing'}.`,
    );
  }
  const count = (key: string): number =>
    requiredCount(numberIn(preprocessor, key), `${key} (preprocessor_config.json)`);
  const logMel = {
    melBins: count('feature_size'),
    sampleRateHz: count('sampling_rate'),
    fourierSize: count('n_fft'),
    hopSamples: count('hop_length'),
    windowSamples: count('n_samples'),
  };
  if (logMel.windowSamples % logMel.hopSamples !== 0 || logMel.fourierSize % 2 !== 0) {
    throw new Fault('unsupported', 'n_samples must be whole hops of hop_length, and n_fft even.');
  }
  return {
    placeholderId,
    tokensPerWindow: requiredCount(numberIn(audio, 'seq_length'), 'audio_config.seq_length'),
    windowsMax: requiredCount(numberIn(audio, 'windows_max'), 'audio_config.windows_max'),
    logMel,
  };
};

/** Windows of a sound: as many as it takes, at least one. Faults: `invalid_argument` for more than the model takes. */
export const audioWindows = (
  { samples, sampleRateHz }: Extract<MediaPart, { kind: 'audio' }>,
  { logMel, windowsMax }: AudioInput,
): number => {
  const length = resampledLength(samples, sampleRateHz, logMel.sampleRateHz);
  const windows = Math.max(1, Math.ceil(length / logMel.windowSamples));
  if (windows <= windowsMax) return windows;
  const seconds = (windowsMax * logMel.windowSamples) / logMel.sampleRateHz;
  throw new Fault(
    'invalid_argument',
    `The sound lasts ${(samples / sampleRateHz).toFixed(1)} s; this model takes at most ${seconds} s.`,
  );
};

export const expandAudio = (
  part: Extract<MediaPart, { kind: 'audio' }>,
  placeholder: string,
  input: AudioInput,
): MediumExpansion => {
  const tokens = audioWindows(part, input) * input.tokensPerWindow;
  return { text: placeholder.repeat(tokens), tokens };
};
