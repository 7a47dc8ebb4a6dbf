import { Fault } from '@isotherm/kernel';
import type { Architecture, ImageSize, ModelConfigs } from './architecture.ts';
import { isRecord, numberIn, recordIn, requiredCount } from './json-file.ts';

/**
 * Idefics3 and SmolVLM: a picture becomes a grid of square tiles and one small view of the whole; each of them gives
 * `image_seq_len` embeddings, framed in the prompt by marks that name its row and column (arXiv 2408.12637, 2504.05299).
 */
export const idefics3: Architecture = {
  modelTypes: ['idefics3', 'smolvlm'],
  kind: 'decoder-only',
  visionLayout: 'tiles',
  imageRule: (configs) => {
    const sequence = sequenceLength(configs);
    return (size, placeholder) => {
      const grid = tileGrid(size, configs);
      const run = placeholder.repeat(sequence);
      const whole = `${frame}<global-img>${run}${frame}`;
      if (grid.rows === 0) return { text: whole, tokens: sequence };
      const rows = Array.from({ length: grid.rows }, (_, row) => {
        const tiles = Array.from(
          { length: grid.columns },
          (__, column) => `${frame}<row_${row + 1}_col_${column + 1}>${run}`,
        );
        return `${tiles.join('')}\n`;
      });
      return {
        text: `${rows.join('')}\n${whole}`,
        tokens: (grid.rows * grid.columns + 1) * sequence,
      };
    };
  },
};

const frame = '<fake_token_around_image>';

/** Embeddings of one tile: as the processor states, else patches of the vision model after its pixel shuffle. */
const sequenceLength = ({ config, processor }: ModelConfigs): number => {
  const stated = numberIn(processor, 'image_seq_len');
  if (stated !== undefined) return requiredCount(stated, 'image_seq_len');
  const vision = recordIn(config, 'vision_config');
  const side =
    requiredCount(numberIn(vision, 'image_size'), 'vision_config.image_size') /
    requiredCount(numberIn(vision, 'patch_size'), 'vision_config.patch_size');
  const shuffle = requiredCount(numberIn(config, 'scale_factor'), 'scale_factor');
  return Math.floor((side * side) / (shuffle * shuffle));
};

interface TileGrid {
  /** 0 when the picture is not split. */
  readonly rows: number;
  readonly columns: number;
}

/**
 * Tiles of a picture: it is scaled until its longest edge is `size.longest_edge`, then both edges are stretched to
 * whole multiples of the tile's edge, `max_image_size.longest_edge`. The arithmetic is that of the image processor
 * that the encoder runs (@huggingface/transformers 4.3), to the rounding.
 */
export const tileGrid = (
  size: ImageSize,
  { preprocessor }: Pick<ModelConfigs, 'preprocessor'>,
): TileGrid => {
  if (preprocessor['do_image_splitting'] === false) return { rows: 0, columns: 0 };
  const tilePx = requiredCount(
    numberIn(recordIn(preprocessor, 'max_image_size'), 'longest_edge'),
    'max_image_size.longest_edge (preprocessor_config.json)',
  );
  const { widthPx, heightPx } = resized(size, preprocessor['size'], preprocessor['do_resize']);
  const up = (px: number): number => Math.ceil(px / tilePx) * tilePx;
  const ratio = widthPx / heightPx;
  const width = widthPx >= heightPx ? up(widthPx) : up(Math.floor(up(heightPx) * ratio));
  const height = widthPx >= heightPx ? up(Math.floor(width / ratio)) : up(heightPx);
  return width > tilePx || height > tilePx
    ? { rows: Math.ceil(height / tilePx), columns: Math.ceil(width / tilePx) }
    : { rows: 0, columns: 0 };
};

const resized = (size: ImageSize, target: unknown, resize: unknown): ImageSize => {
  if (resize === false || !isRecord(target)) return size;
  const longestEdge = numberIn(target, 'longest_edge');
  if (longestEdge === undefined) {
    throw new Fault('unsupported', 'preprocessor_config.json must give size.longest_edge.');
  }
  const factor = Math.min(longestEdge / size.widthPx, longestEdge / size.heightPx);
  const scaled = {
    widthPx: Math.floor(Number((size.widthPx * factor).toFixed(2))),
    heightPx: Math.floor(Number((size.heightPx * factor).toFixed(2))),
  };
  if (scaled.widthPx < 1 || scaled.heightPx < 1) {
    throw new Fault(
      'invalid_argument',
      `The image of ${size.widthPx} × ${size.heightPx} px is too narrow: scaled to ${longestEdge} px it has no pixels left.`,
    );
  }
  return scaled;
};
