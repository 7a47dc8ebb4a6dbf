import type { DocumentProblem } from './document-reader.ts';

/** Deeper than any document of ours. */
const documentDepthMax = 16;
/** More values than the largest of them has. */
const visitsMax = 500_000;

/**
 * The path of the first value that contains itself, or lies too deep; undefined where there is none. YAML's anchors can
 * make both, and a document that shares one part a thousand times over is as bad as an endless one.
 */
const findCycle = (root: unknown): string | undefined => {
  const above = new Set<unknown>();
  let visits = 0;
  const visit = (value: unknown, path: string): string | undefined => {
    if (typeof value !== 'object' || value === null) return undefined;
    visits += 1;
    if (above.has(value) || above.size >= documentDepthMax || visits > visitsMax) return path;
    above.add(value);
    for (const [key, item] of Object.entries(value)) {
      const isIndex = Array.isArray(value);
      const found = visit(item, isIndex ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    above.delete(value);
    return undefined;
  };
  return visit(root, '');
};

/** What is wrong with a document that contains itself, or lies too deep. */
export const cycleProblem = (value: unknown): DocumentProblem | undefined => {
  const path = findCycle(value);
  return path === undefined ? undefined : { path, message: 'contains itself, or lies too deep' };
};
