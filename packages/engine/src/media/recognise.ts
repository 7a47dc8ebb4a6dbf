import { refusePolyglot } from './polyglot.ts';
import { refused } from './refused.ts';

/**
 * The first look at a file of any modality, before anything parses it: its format by its first bytes, its size, and that
 * it is nothing else besides. Faults: `invalid_argument`, which names the file as `the` (`image`, `sound`, `clip`).
 */
export const recognise = <Format>(
  the: string,
  bytes: Uint8Array,
  formatOf: (bytes: Uint8Array) => Format,
  bytesMax: number,
): Format => {
  const format = formatOf(bytes);
  if (bytes.byteLength > bytesMax) {
    throw refused(`The ${the} has ${bytes.byteLength} bytes; at most ${bytesMax} are accepted.`);
  }
  refusePolyglot(bytes);
  return format;
};
