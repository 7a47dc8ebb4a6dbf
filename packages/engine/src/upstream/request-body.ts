import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';

/** A body of known length that is made while it is sent, as often as it is sent. */
export interface RequestBody {
  readonly bytes: number;
  /** All of it, where no file makes it large. */
  readonly whole: Uint8Array | undefined;
  chunks(): AsyncGenerator<Uint8Array, void>;
}

/** Puts a file into a JSON body: what stands there for its base64. */
export type SpellFile = (file: Uint8Array) => string;

/** Base64 of so many bytes takes about a millisecond; three of them make four characters. */
const sliceBytes = 3 << 18;

/**
 * A JSON body with files in it. Writing 16 MiB of pictures into one string would hold the event
 * loop for a fifth of a second: files are spelled slice by slice instead, with a turn of the loop
 * between them. Until then each is a mark that no client can guess.
 */
export const requestBodyOf = (make: (spell: SpellFile) => object): RequestBody => {
  const files: Uint8Array[] = [];
  const mark = randomUUID();
  const text = JSON.stringify(make((file) => `${mark}:${files.push(file) - 1}:`));
  if (files.length === 0) return plainBody(Buffer.from(text));
  const pieces = text
    .split(new RegExp(`${mark}:(\\d+):`))
    // Every second piece is what the brackets caught: a file's number.
    .map((piece, index) => (index % 2 === 0 ? Buffer.from(piece) : files[Number(piece)]));
  const bytes = pieces.reduce(
    (sum, piece, index) => sum + lengthOf(piece?.length ?? 0, index % 2 === 1),
    0,
  );
  return {
    bytes,
    whole: undefined,
    async *chunks() {
      for (const [index, piece] of pieces.entries()) {
        if (piece === undefined || piece.length === 0) continue;
        if (index % 2 === 0) yield piece;
        else yield* base64Slices(piece);
      }
    },
  };
};

/** Most bodies: a stream of one piece would cost more than all that is done for it. */
const plainBody = (whole: Uint8Array): RequestBody => ({
  bytes: whole.length,
  whole,
  async *chunks() {
    yield whole;
  },
});

const lengthOf = (bytes: number, isFile: boolean): number =>
  isFile ? 4 * Math.ceil(bytes / 3) : bytes;

async function* base64Slices(file: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let from = 0; from < file.length; from += sliceBytes) {
    if (from > 0) await turn();
    const { buffer, byteOffset, byteLength } = file.subarray(from, from + sliceBytes);
    const slice = Buffer.from(buffer, byteOffset, byteLength);
    yield Buffer.from(slice.toString('base64'), 'latin1');
  }
}
