import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** The picture of a specification as SVG, drawn without a browser. */
export const svgOf = async (specification: TopLevelSpec): Promise<string> => {
  const { spec } = compile(specification);
  const view = new View(parse(spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
};

/** Draws it into FILE.svg, and into FILE.png for where that is not shown. */
export const drawFiles = async (file: string, specification: TopLevelSpec): Promise<void> => {
  const svg = await svgOf(specification);
  await writeFile(`${file}.svg`, `${svg}\n`);
  await sharp(Buffer.from(svg), { density: 144 }).png().toFile(`${file}.png`);
};
