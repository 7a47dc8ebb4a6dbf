import { spawn } from 'node:child_process';
import { Fault } from '@isotherm/kernel';
import { refused } from '../refused.ts';
import type { VideoLimits } from './video-limits.ts';

/** Largest single allocation of ffmpeg, in bytes: a coded size that lies about the frames inside ends here. */
const allocationBytesMax = 1 << 28;

/** What is kept of ffmpeg's complaints, for the cause of the fault. */
const complaintBytesMax = 2000;

/**
 * Decodes the frames at `places` (ascending) of a Matroska file, to PPM pictures one behind the other. ffmpeg gets the
 * file through a pipe and gives the pictures through one: no file, no network, no terminal, no environment but its path. It is
 * killed when it takes longer or writes more than it may.
 */
export const runFfmpeg = (
  matroska: Uint8Array,
  places: readonly number[],
  limits: VideoLimits,
): Promise<Uint8Array> => {
  const outputBytesMax = places.length * (limits.framePixelsMax * 3 + 64);
  const child = spawn(limits.ffmpeg, ffmpegArguments(places), {
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const pieces: Buffer[] = [];
  let bytes = 0;
  let complaint = '';
  return new Promise((resolve, reject) => {
    const end = (fault: Fault): void => {
      child.kill('SIGKILL');
      reject(fault);
    };
    const timer = setTimeout(
      () => end(refused(`The clip takes longer than ${limits.decodeMsMax} ms to decode.`)),
      limits.decodeMsMax,
    );
    child.stdout.on('data', (piece: Buffer) => {
      bytes += piece.byteLength;
      if (bytes > outputBytesMax) end(refused('The frames of the clip are larger than it says.'));
      else pieces.push(piece);
    });
    child.stderr.on('data', (piece: Buffer) => {
      if (complaint.length < complaintBytesMax) complaint += piece.toString('latin1');
    });
    // ffmpeg stops reading when it has the last frame it wants.
    child.stdin.on('error', () => undefined);
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(missing(cause));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(Buffer.concat(pieces));
      else reject(refused('The clip is damaged: it cannot be decoded.', new Error(complaint)));
    });
    child.stdin.end(matroska);
  });
};

const missing = (cause: Error): Fault =>
  new Fault(
    'unsupported',
    'MP4 and WebM clips are decoded by ffmpeg, which this encoder does not have: install it (apt-get install ffmpeg), ' +
      'name it in ISOTHERM_FFMPEG, or send an animated WebP or GIF, or frames.',
    { cause },
  );

const ffmpegArguments = (places: readonly number[]): readonly string[] => [
  ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-max_alloc', String(allocationBytesMax)],
  ...['-threads', '1', '-protocol_whitelist', 'pipe', '-f', 'matroska', '-i', 'pipe:0'],
  ...['-map', '0:v:0', '-an', '-sn', '-dn', '-threads', '1', '-filter_threads', '1'],
  ...['-vf', `select=${places.map((place) => `eq(n\\,${place})`).join('+')}`],
  ...['-vsync', 'passthrough', '-frames:v', String(places.length)],
  ...['-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'],
];
