// Rules on what a package, a service and a policy come with.
import { basename, dirname } from 'node:path';

/** @typedef {import('./tree.mjs').Tree} Tree */

const packageManifest = /^(?:packages|services)\/[^/]+\/package\.json$/;

/** Each package and service says what it is and under which licence. @param {Tree} tree */
export const packageProblems = (tree) =>
  tree.files
    .filter((file) => packageManifest.test(file))
    .flatMap((file) => {
      const folder = dirname(file);
      const { license } = JSON.parse(tree.read(file));
      return [
        ...(tree.has(`${folder}/README.md`) ? [] : [`${folder}: has no README.md`]),
        ...(license === 'Apache-2.0' ? [] : [`${file}: license must be "Apache-2.0"`]),
      ];
    });

const policySource = /^packages\/policy\/src\/.+\.ts$/;
/** A barrel, and the example values that tests share. */
const noPolicy = /^(?:index|example-[a-z0-9-]+)\.ts$/;
const declaresValue = /^export (?:async )?(?:function|const|class)\b/m;

/** A README beside the policies or in the folder of their concern; the package's own speaks for the top. */
function isExplained(tree, folder) {
  if (folder === 'packages/policy/src') return tree.has('packages/policy/README.md');
  if (tree.has(`${folder}/README.md`)) return true;
  return dirname(folder) !== 'packages/policy/src' && isExplained(tree, dirname(folder));
}

/**
 * Each policy has a test beside it, and each folder of policies a README. A file of types alone is no policy.
 * @param {Tree} tree
 */
export function policyProblems(tree) {
  const policies = tree.files.filter(
    (file) =>
      policySource.test(file) &&
      !file.endsWith('.test.ts') &&
      !noPolicy.test(basename(file)) &&
      declaresValue.test(tree.read(file)),
  );
  const folders = new Set(policies.map((file) => dirname(file)));
  return [
    ...policies
      .filter((file) => !tree.has(file.replace(/\.ts$/, '.test.ts')))
      .map((file) => `${file}: has no test beside it`),
    ...[...folders]
      .filter((folder) => !isExplained(tree, folder))
      .map((folder) => `${folder}: no README.md here or above explains it`),
  ];
}

const benchSource = /^bench\/(?:src\/)?([a-z0-9-]+)\.ts$/;

/** Names of the benches: the top-level sources of bench/. @param {Tree} tree */
export const benchFiles = (tree) =>
  tree.files.filter((file) => benchSource.test(file) && basename(file) !== 'index.ts');

const headComment = /^(?:#!.*\n)?\s*(?:\/\*\*?([\s\S]*?)\*\/|((?:\/\/.*\n)+))/;
const headWordsMin = 8;

/** A bench opens by saying what it measures and how to read it. @param {Tree} tree */
export const benchProblems = (tree) =>
  benchFiles(tree).flatMap((file) => {
    const match = headComment.exec(tree.read(file));
    const words = (match?.[1] ?? match?.[2] ?? '').match(/[a-z]{2,}/gi) ?? [];
    return words.length >= headWordsMin ? [] : [`${file}: its head must say what it measures`];
  });
