import type { Expression, Rule } from './expression.ts';
import { refuse } from './schema-fields.ts';

/**
 * Refuses a grammar in which some rule has no finite text, such as an object that must hold itself: a text that got
 * there could never end. Where every rule has one, every text that is begun can be ended.
 */
export const refuseEndless = (root: Expression): void => {
  const rules = rulesIn(root);
  const finite = new Set<Rule>();
  for (let before = -1; before !== finite.size;) {
    before = finite.size;
    for (const rule of rules) {
      if (rule.body !== undefined && hasEnd(rule.body, finite)) finite.add(rule);
    }
  }
  for (const rule of rules) {
    if (!finite.has(rule)) throw refuse('invalid_argument', rule.name, 'allows no finite value');
  }
};

const hasEnd = (node: Expression, finite: ReadonlySet<Rule>): boolean => {
  switch (node.kind) {
    case 'literal':
    case 'text':
      return true;
    case 'byte':
      return node.allowed.size > 0;
    case 'sequence':
      return node.parts.every((part) => hasEnd(part, finite));
    case 'choice':
      return node.options.some((option) => hasEnd(option, finite));
    case 'repeat':
      return node.min === 0 || hasEnd(node.item, finite);
    case 'rule':
      return finite.has(node);
    default:
      return node satisfies never;
  }
};

const rulesIn = (root: Expression): ReadonlySet<Rule> => {
  const rules = new Set<Rule>();
  const seen = new Set<Expression>();
  const open: Expression[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === 'rule') {
      rules.add(node);
      if (node.body !== undefined) open.push(node.body);
    } else if (node.kind === 'sequence') open.push(...node.parts);
    else if (node.kind === 'choice') open.push(...node.options);
    else if (node.kind === 'repeat') open.push(node.item);
  }
  return rules;
};
