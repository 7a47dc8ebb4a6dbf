import type { Expression } from './expression.ts';
import { refuse } from './schema-fields.ts';

/**
 * Refuses a grammar in which some rule has no finite text, such as an object that must hold itself: a text that got
 * there could never end. Where every rule has one, every text that is begun can be ended.
 */
export const refuseEndless = (root: Expression): void => {
  const nodes = nodesIn(root);
  /** By node: those that have an end when enough of what they are made of has. */
  const parents = new Map<Expression, Expression[]>();
  for (const node of nodes) {
    for (const child of childrenOf(node)) {
      const known = parents.get(child);
      if (known === undefined) parents.set(child, [node]);
      else known.push(node);
    }
  }
  const missing = new Map([...nodes].map((node) => [node, endsNeeded(node)]));
  const open = [...nodes].filter((node) => missing.get(node) === 0);
  const finite = new Set<Expression>();
  // Each node and each of its parts is looked at once: a schema can be made to need many rounds otherwise.
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    finite.add(node);
    for (const parent of parents.get(node) ?? []) {
      const left = (missing.get(parent) ?? 0) - 1;
      missing.set(parent, left);
      if (left === 0) open.push(parent);
    }
  }
  for (const node of nodes) {
    if (node.kind === 'rule' && !finite.has(node)) {
      throw refuse('invalid_argument', node.name, 'allows no finite value');
    }
  }
};

/** Of how many of its children a node needs a finite text to have one itself. */
const endsNeeded = (node: Expression): number => {
  switch (node.kind) {
    case 'literal':
    case 'text':
      return 0;
    case 'byte':
      return node.allowed.size > 0 ? 0 : Number.POSITIVE_INFINITY;
    case 'sequence':
      return node.parts.length;
    case 'choice':
    case 'rule':
      return 1;
    case 'repeat':
      return node.min === 0 ? 0 : 1;
    default:
      return node satisfies never;
  }
};

const childrenOf = (node: Expression): readonly Expression[] => {
  switch (node.kind) {
    case 'sequence':
      return node.parts;
    case 'choice':
      return node.options;
    case 'repeat':
      return [node.item];
    case 'rule':
      return node.body === undefined ? [] : [node.body];
    default:
      return [];
  }
};

const nodesIn = (root: Expression): ReadonlySet<Expression> => {
  const nodes = new Set([root]);
  // A set is walked through to what is added on the way.
  for (const node of nodes) for (const child of childrenOf(node)) nodes.add(child);
  return nodes;
};
