/** Where in a character of a JSON string a text stands; 0 is between two characters. */
export type StringPlace = number;

/** Not a byte of a character here. */
export const noPlace = -1;

const between = (byte: number, low: number, high: number): boolean => byte >= low && byte <= high;

/** Places inside of a character: what may come next, and where it leads. */
const inside: readonly ((byte: number) => StringPlace)[] = [
  () => noPlace,
  // 1: behind a backslash. Other characters than control ones stand for themselves, so \u is for those only.
  (byte) => (escapes.has(byte) ? 0 : byte === 0x75 ? 9 : noPlace),
  // 2, 4, 7: one, two, three more continuation bytes.
  (byte) => (between(byte, 0x80, 0xbf) ? 0 : noPlace),
  // 3, 5, 6, 8: behind E0, ED, F0, F4, where the second byte rules out overlong forms, surrogates and what is too large.
  (byte) => (between(byte, 0xa0, 0xbf) ? 2 : noPlace),
  (byte) => (between(byte, 0x80, 0xbf) ? 2 : noPlace),
  (byte) => (between(byte, 0x80, 0x9f) ? 2 : noPlace),
  (byte) => (between(byte, 0x90, 0xbf) ? 4 : noPlace),
  (byte) => (between(byte, 0x80, 0xbf) ? 4 : noPlace),
  (byte) => (between(byte, 0x80, 0x8f) ? 4 : noPlace),
  // 9 to 12: the digits of \u0000 to \u001f.
  (byte) => (byte === 0x30 ? 10 : noPlace),
  (byte) => (byte === 0x30 ? 11 : noPlace),
  (byte) => (byte === 0x30 || byte === 0x31 ? 12 : noPlace),
  (byte) =>
    between(byte, 0x30, 0x39) || between(byte, 0x61, 0x66) || between(byte, 0x41, 0x46)
      ? 0
      : noPlace,
];

const escapes: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));

const first = (byte: number): StringPlace => {
  if (byte === 0x5c) return 1;
  if (byte < 0x20 || byte === 0x22) return noPlace;
  if (byte < 0x80) return 0;
  if (between(byte, 0xc2, 0xdf)) return 2;
  if (byte === 0xe0) return 3;
  if (byte === 0xed) return 5;
  if (between(byte, 0xe1, 0xef)) return 4;
  if (byte === 0xf0) return 6;
  if (between(byte, 0xf1, 0xf3)) return 7;
  return byte === 0xf4 ? 8 : noPlace;
};

/**
 * The place behind a byte, by the grammar of JSON strings (RFC 8259) in well-formed UTF-8 (Unicode, table 3-7): 0 where
 * the byte completes a character, `noPlace` where it cannot come.
 */
export const nextPlace = (place: StringPlace, byte: number): StringPlace =>
  place === 0 ? first(byte) : (inside[place]?.(byte) ?? noPlace);
