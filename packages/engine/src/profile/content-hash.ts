/** FNV-1a over 32-bit words, finished by a multiplicative mix: fast and stable, not cryptographic. */
export const hashWords = (words: ArrayLike<number>, seed = 0x811c9dc5): number => {
  let hash = seed;
  for (let index = 0; index < words.length; index++) {
    hash = Math.imul(hash ^ (words[index] ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
};

/** Hash of a file: its length, its whole words, then the bytes that remain. */
export const hashBytes = (bytes: Uint8Array): number => {
  const wholeBytes = bytes.byteLength - (bytes.byteLength % 4);
  // Not slice(): that of a Buffer is a view.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, wholeBytes / 4);
  return hashWords(bytes.subarray(wholeBytes), hashWords(words, bytes.byteLength | 1));
};

/** Hash of a medium: of its file, or of its frames one after the other. */
export const hashFiles = (files: readonly Uint8Array[]): number => {
  const [first = new Uint8Array(), ...rest] = files;
  return rest.reduce((hash, file) => hashWords([hashBytes(file)], hash), hashBytes(first));
};
