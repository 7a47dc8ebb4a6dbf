import { refused } from '../refused.ts';
import { recognise } from '../recognise.ts';
import { audioFormatOf } from './audio-format.ts';
import type { AudioHeader } from './audio-header.ts';
import { type AudioLimits, defaultAudioLimits, sampleRatesHz } from './audio-limits.ts';
import { parseFlac } from './flac.ts';
import { parseMp3 } from './mp3.ts';
import { parseOgg } from './ogg.ts';
import { parseWav } from './wav.ts';

/**
 * Says what a sound file holds without decoding it, in microseconds: WAV, FLAC and OGG state their samples (OGG on its
 * last page), the frames of an MP3 are counted. Decoding holds the file to it. Faults: `invalid_argument` for a file
 * that is no readable sound, is empty, damaged, too large or too long.
 */
export const inspectAudio = (
  bytes: Uint8Array,
  limits: AudioLimits = defaultAudioLimits,
): AudioHeader => {
  const format = recognise('sound', bytes, audioFormatOf, limits.bytesMax);
  const header = parsers[format](bytes, limits.samplesMax);
  const { sampleRateHz, channels, samples } = header;
  if (channels < 1 || channels > limits.channelsMax) {
    throw refused(`The sound has ${channels} channels; 1 to ${limits.channelsMax} are accepted.`);
  }
  if (sampleRateHz < sampleRatesHz.min || sampleRateHz > sampleRatesHz.max) {
    throw refused(
      `The sound has ${sampleRateHz} samples a second; ${sampleRatesHz.min} to ${sampleRatesHz.max} are accepted.`,
    );
  }
  if (samples < 1) throw refused('The sound has no samples.');
  const seconds = samples / sampleRateHz;
  if (seconds > limits.secondsMax || samples > limits.samplesMax) {
    const said = format === 'mp3' ? 'at least ' : '';
    throw refused(
      `The sound lasts ${said}${seconds.toFixed(1)} s in ${samples} samples; at most ${limits.secondsMax} s and ` +
        `${limits.samplesMax} samples are accepted.`,
    );
  }
  return { format, sampleRateHz, channels, samples };
};

const parsers = { wav: parseWav, flac: parseFlac, ogg: parseOgg, mp3: parseMp3 } as const;
