import type { Terminal } from './terminal.ts';

const widthMax = 48;
const rowsMax = 24;

/**
 * A picture as lines of half blocks, two pixels a character, at most 48 wide; none where the
 * terminal shows fewer than 256 colours or is too narrow.
 */
export const drawPicture = async (
  bytes: Uint8Array,
  terminal: Terminal,
): Promise<readonly string[]> => {
  const width = Math.min(widthMax, terminal.columns - 4);
  if (terminal.colourBits < 8 || width < 16) return [];
  // Loaded where it is needed: most runs of the command draw nothing.
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(bytes)
    .flatten({ background: '#ffffff' })
    .resize(width, rowsMax * 2, { fit: 'inside' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const colour = (x: number, y: number): string => {
    const at = (Math.min(y, info.height - 1) * info.width + x) * info.channels;
    return colourCode(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0, terminal.colourBits);
  };
  return Array.from({ length: Math.ceil(info.height / 2) }, (_, row) => {
    const cells = Array.from(
      { length: info.width },
      (_unused, x) => `\u001b[38;${colour(x, row * 2)};48;${colour(x, row * 2 + 1)}m▀`,
    );
    return `${cells.join('')}\u001b[0m`;
  });
};

/** What xterm's 256 colours have of each of red, green and blue. */
const levels = [0, 95, 135, 175, 215, 255] as const;
const greyTolerance = 16;

/**
 * All colours, or the nearest of 256: of the 24 greys where it is nearly grey, else of the 6×6×6
 * cube.
 */
const colourCode = (red: number, green: number, blue: number, bits: number): string => {
  if (bits >= 24) return `2;${red};${green};${blue}`;
  if (Math.max(red, green, blue) - Math.min(red, green, blue) < greyTolerance) {
    const grey = Math.round((green - 8) / 10);
    return `5;${232 + Math.min(23, Math.max(0, grey))}`;
  }
  return `5;${16 + 36 * nearestLevel(red) + 6 * nearestLevel(green) + nearestLevel(blue)}`;
};

const nearestLevel = (value: number): number =>
  levels.reduce<number>(
    (best, level, index) =>
      Math.abs(level - value) < Math.abs((levels[best] ?? 0) - value) ? index : best,
    0,
  );
