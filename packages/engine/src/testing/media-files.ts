import { readFile } from 'node:fs/promises';

/** A sound or clip of fixtures/media, as make_media.py wrote it. */
export const mediaFile = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(`../../fixtures/media/${name}`, import.meta.url)));

export interface WavOptions {
  readonly sampleRateHz?: number;
  readonly channels?: number;
  readonly bits?: 8 | 16 | 24 | 32 | 64;
  readonly float?: boolean;
  /** What the header says where that is a lie, in bytes of samples. */
  readonly dataBytes?: number;
}

/** A WAV file of interleaved samples between -1 and 1. */
export const wavFile = (samples: ArrayLike<number>, options: WavOptions = {}): Uint8Array => {
  const { sampleRateHz = 16_000, channels = 1, bits = 16, float = false } = options;
  const width = bits / 8;
  const bytes = new Uint8Array(44 + samples.length * width);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => bytes.set(Buffer.from(value, 'latin1'), at);
  text(0, 'RIFF');
  view.setUint32(4, bytes.byteLength - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, float ? 3 : 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * channels * width, true);
  view.setUint16(32, channels * width, true);
  view.setUint16(34, bits, true);
  text(36, 'data');
  view.setUint32(40, options.dataBytes ?? samples.length * width, true);
  for (let index = 0; index < samples.length; index++) {
    writeSample(view, 44 + index * width, samples[index] ?? 0, bits, float);
  }
  return bytes;
};

const writeSample = (
  view: DataView,
  at: number,
  value: number,
  bits: number,
  float: boolean,
): void => {
  if (float && bits === 32) view.setFloat32(at, value, true);
  else if (float) view.setFloat64(at, value, true);
  else if (bits === 8) view.setUint8(at, Math.round(value * 127) + 128);
  else if (bits === 16) view.setInt16(at, Math.round(value * 32_767), true);
  else if (bits === 32) view.setInt32(at, Math.round(value * 2_147_483_647), true);
  else {
    const whole = Math.round(value * 8_388_607);
    view.setUint16(at, whole & 0xffff, true);
    view.setInt8(at + 2, whole >> 16);
  }
};

/** A tone of one frequency as samples of one channel. */
export const tone = (seconds: number, hz: number, sampleRateHz = 16_000): Float32Array =>
  Float32Array.from(
    { length: Math.round(seconds * sampleRateHz) },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * hz * index) / sampleRateHz),
  );
