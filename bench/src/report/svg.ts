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
