import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { repositoryRoot } from '../harness/repository.ts';
import { floatWav } from '../harness/wav.ts';

/** A sound or clip that must be refused, how, and why the message says so. */
export interface HostileMedium {
  readonly name: string;
  readonly kind: 'audio' | 'video';
  readonly bytes: Uint8Array;
  readonly code: 'invalid_argument' | 'payload_too_large';
  readonly message: RegExp;
}

/** Larger than this many bytes a sound or a clip is refused in these tests. */
export const mediaBytesMax = 2_500_000;

export const mediaFile = (name: string): Buffer =>
  readFileSync(join(repositoryRoot, 'packages/engine/fixtures/media', name));

const second = new Float32Array(16_000).map((_, index) => Math.sin(index / 6) / 2);

const withSample = (value: number): Float32Array => {
  const samples = second.slice();
  samples[8000] = value;
  return samples;
};

/** A FLAC file whose header says this many samples (the low 32 of 36 bits). */
const flacSaying = (samples: number): Buffer => {
  const bytes = mediaFile('tone.flac');
  bytes.writeUInt32BE(samples, 22);
  return bytes;
};

/** An animation of as many frames of one pixel. */
const gifOf = (frames: number): Buffer => {
  const header = Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  const frame = Buffer.from(',\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0', 'latin1');
  return Buffer.concat([header, ...Array<Buffer>(frames).fill(frame), Buffer.from(';')]);
};

const zipEnd = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);

const sounds = (picture: Buffer): readonly HostileMedium[] => {
  const sound = (name: string, bytes: Uint8Array, message: RegExp): HostileMedium => ({
    name,
    kind: 'audio',
    bytes,
    code: 'invalid_argument',
    message,
  });
  const wav = floatWav(second);
  return [
    sound('0 bytes', Buffer.alloc(0), /0 bytes/),
    sound('a picture', picture, /not a sound/),
    sound('a page', Buffer.from('<!doctype html><html></html>'), /not a sound/),
    sound('a sound with a page behind it', addTo(wav, '<html><body>x</body></html>'), /page/),
    sound('a sound with an archive behind it', Buffer.concat([wav, zipEnd]), /ZIP archive/),
    sound('a sound of NaN', floatWav(withSample(Number.NaN)), /NaN.* no number/),
    sound('a sound of infinity', floatWav(withSample(-Infinity)), /Infinity.* no number/),
    sound('four minutes that say one second', floatWav(minutes, 64_000), /goes on behind/),
    sound('a sound that claims a day', flacSaying(0xffff_ffff), /lasts \d+/),
    sound('a sound longer than it says', flacSaying(1000), /more than the 1000 samples/),
    sound('a sound longer than the model takes', floatWav(threeSeconds), /at most 2 s/),
    sound('half a FLAC', half(mediaFile('tone.flac')), /damaged|truncated/),
    sound('half a Vorbis', half(mediaFile('tone-vorbis.ogg')), /damaged|truncated/),
    sound('half an Opus', half(mediaFile('tone-opus.ogg')), /damaged|truncated/),
    sound('an ID3 tag without sound', Buffer.from('ID3\x04\0\0\0\0\0\0'), /no sound follows/),
    {
      name: 'a sound of too many bytes',
      kind: 'audio',
      bytes: Buffer.alloc(mediaBytesMax + 1),
      code: 'payload_too_large',
      message: new RegExp(String(mediaBytesMax)),
    },
  ];
};

const addTo = (bytes: Buffer, text: string): Buffer => Buffer.concat([bytes, Buffer.from(text)]);
const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 2);
const minutes = new Float32Array(16_000 * 30);
const threeSeconds = new Float32Array(48_000);

const clips = (animation: Buffer, picture: Buffer): readonly HostileMedium[] => {
  const clip = (name: string, bytes: Uint8Array, message: RegExp): HostileMedium => ({
    name,
    kind: 'video',
    bytes,
    code: 'invalid_argument',
    message,
  });
  const wide = Buffer.from(animation);
  wide.writeUInt32LE(0xffff_ffff, 6);
  return [
    clip('0 bytes', Buffer.alloc(0), /0 bytes/),
    clip('a still picture of another kind', picture, /not a clip/),
    clip('100,000 frames', gifOf(100_000), /more than 1800 frames/),
    clip('frames of 4 gigapixels', wide, /65535 × 65535 pixels/),
    clip('half an animation', half(animation), /truncated/),
    clip('an animation with an archive', Buffer.concat([animation, zipEnd]), /ZIP archive/),
    clip('an animation that is a script', Buffer.from('GIF89a/*\0*/=1;alert(1);'), /script/),
    clip('an animation of no frames', gifOf(0), /no frames/),
    clip('frames that cannot be decoded', brokenFrames(animation), /damaged/),
    {
      name: 'a clip of too many bytes',
      kind: 'video',
      bytes: Buffer.alloc(mediaBytesMax + 1),
      code: 'payload_too_large',
      message: new RegExp(String(mediaBytesMax)),
    },
  ];
};

/** The blocks stand, what is in them is noise: an LZW code size that no GIF has. */
const brokenFrames = (animation: Buffer): Buffer => {
  const broken = Buffer.from(animation);
  for (let at = 13; at + 11 < broken.length; at++) {
    const isFrame = broken[at] === 0x2c && broken.readUInt32LE(at + 1) === 0;
    if (isFrame) broken[at + 10 + colourTable(broken[at + 9] ?? 0)] = 0xee;
  }
  return broken;
};

const colourTable = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

export const hostileMedia = async (): Promise<readonly HostileMedium[]> => {
  const solid = (side: number) =>
    sharp({ create: { width: side, height: side, channels: 3, background: '#2850c8' } });
  const picture = await solid(16).jpeg().toBuffer();
  const frames = await Promise.all([8, 8, 8].map((side) => solid(side).png().toBuffer()));
  const animation = await sharp(frames, { join: { animated: true } })
    .gif({ loop: 0 })
    .toBuffer();
  return [...sounds(picture), ...clips(animation, picture)];
};
