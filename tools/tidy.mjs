// Style rules worth having, checked: each is one function from the tree of files to its problems.
import { fileURLToPath } from 'node:url';
import { repositoryRoot } from './bootstrap/workspace.mjs';
import { commandProblems, faultProblems } from './tidy/documents.mjs';
import { benchProblems, packageProblems, policyProblems } from './tidy/packages.mjs';
import {
  lengthProblems,
  placeProblems,
  sizeProblems,
  testProblems,
  unfinishedProblems,
} from './tidy/text.mjs';
import { readTree } from './tidy/tree.mjs';

const rules = [
  packageProblems,
  policyProblems,
  benchProblems,
  lengthProblems,
  sizeProblems,
  unfinishedProblems,
  testProblems,
  placeProblems,
  faultProblems,
  commandProblems,
];

/**
 * Every violation in a working tree, one line each.
 * @param {string} root
 * @returns {string[]}
 */
export function tidyProblems(root) {
  const tree = readTree(root);
  return rules.flatMap((rule) => rule(tree));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = tidyProblems(repositoryRoot);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
