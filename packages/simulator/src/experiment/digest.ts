/**
 * A fingerprint of a result: two FNV-1a hashes of its JSON with different seeds, 16 hexadecimal digits. JSON writes numbers so
 * that they read back bit for bit, so results with the same fingerprint are the same but for chance.
 */
export const digestOf = (result: unknown): string => {
  const text = JSON.stringify(result);
  return [0x811c9dc5, 0x2545f491].map((seed) => hashOf(text, seed)).join('');
};

const hashOf = (text: string, seed: number): string => {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
};
