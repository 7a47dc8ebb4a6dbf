// Rules on the text of single files.
import { eachLine } from './tree.mjs';

/** @typedef {import('./tree.mjs').Tree} Tree */

const linesMax = 500;
const bytesMax = 20 * 1024 * 1024;
const generated = /^proto\/src\/gen\//;

/** A file that fits in a head. @param {Tree} tree */
export const lengthProblems = (tree) =>
  tree.files
    .filter((file) => /\.(?:ts|mjs|py)$/.test(file) && !generated.test(file))
    .flatMap((file) => {
      const lines = tree.read(file).split('\n').length - 1;
      return lines > linesMax ? [`${file}: ${lines} lines, at most ${linesMax}`] : [];
    });

/** @param {Tree} tree */
export const sizeProblems = (tree) =>
  tree.files
    .filter((file) => tree.bytes(file) > bytesMax)
    .map((file) => `${file}: larger than ${bytesMax / 1024 / 1024} MiB`);

const code = /\.(?:ts|mjs|js|py|sh|lua|proto|ya?ml)$|(?:^|\/)(?:Makefile|Dockerfile)$/;
// Spelt so that this file does not find itself.
const unfinished = /\b(?:TO[D]O|FIX[M]E)\b/;

/** What is left to do has a place where it is kept: an issue's number. @param {Tree} tree */
export const unfinishedProblems = (tree) =>
  eachLine(tree, code, (line) =>
    unfinished.test(line) && !/#\d+/.test(line)
      ? 'work left to do without an issue number (#12)'
      : undefined,
  );

const test = /\.test\.(?:ts|mjs)$/;
const onlyCall = /\b(?:it|test|describe)(?:\.\w+)*\.only\b|\b(?:fit|fdescribe)\s*\(/;
const hiddenSkip = /\b(?:xit|xtest|xdescribe)\s*\(/;
const skipCall = /\b(?:it|test|describe)(?:\.\w+)*\.skip\(\s*(?:(['"`])(.*?)\1)?/;
const reason = /\S\s*(?: — |: )\s*\S/;

function testProblem(line) {
  if (onlyCall.test(line)) return 'an "only" hides all other tests';
  if (hiddenSkip.test(line)) return 'write .skip( with a reason in the name';
  const skip = skipCall.exec(line);
  if (skip === null || reason.test(skip[2] ?? '')) return undefined;
  return 'a skipped test says why in its name: "what it tests — reason"';
}

/** @param {Tree} tree */
export const testProblems = (tree) => eachLine(tree, test, testProblem);

// Places of one machine, and hosts that a user may not have or want.
const machinePath = /(?<![\w.~)}$-])\/(?:work|root|home)\/\w/;
const registryHost =
  /\b(?:registry\.(?:npmjs|yarnpkg|npmmirror)\.\w+|pypi\.org|files\.pythonhosted\.org|deb\.debian\.org)\b/;

function placeProblem(line) {
  const path = machinePath.exec(line);
  if (path !== null) return `a path of one machine (${path[0]}…)`;
  const host = registryHost.exec(line);
  return host === null ? undefined : `a package registry's host (${host[0]})`;
}

/** @param {Tree} tree */
export const placeProblems = (tree) => eachLine(tree, /./, placeProblem);
