// Rules that hold documents to the code.
import { basename } from 'node:path';
import { benchFiles } from './packages.mjs';

/** @typedef {import('./tree.mjs').Tree} Tree */

const faultSource = 'packages/kernel/src/fault.ts';
const faultDocument = 'docs/errors.md';
const faultRow =
  /^ {2}(\w+): \{\s*grpcStatus: (\d+),\s*httpStatus: (\d+),\s*retryable: (true|false),?\s*\}/gm;
const documentRow = /^\| *`(\w+)` *\| *(\d+)[^|]*\| *(\d+)[^|]*\| *(yes|no) *\|(.*)\|(.*)\|$/gm;

function faultsInCode(tree) {
  const rows = [...tree.read(faultSource).matchAll(faultRow)];
  return new Map(
    rows.map(([, code, grpc, http, retryable]) => [
      code,
      `gRPC ${grpc}, HTTP ${http}, retryable ${retryable === 'true' ? 'yes' : 'no'}`,
    ]),
  );
}

const faultsInDocument = (tree) =>
  new Map(
    [...tree.read(faultDocument).matchAll(documentRow)].map((row) => {
      const [, code, grpc, http, retryable, meaning, advice] = row;
      const isExplained = meaning.trim() !== '' && advice.trim() !== '';
      return [code, { row: `gRPC ${grpc}, HTTP ${http}, retryable ${retryable}`, isExplained }];
    }),
  );

function faultProblem(code, expected, shown) {
  if (shown === undefined) return [`no row for \`${code}\` (${expected})`];
  if (shown.row !== expected) return [`\`${code}\` says ${shown.row}; the code says ${expected}`];
  return shown.isExplained ? [] : [`\`${code}\` lacks its meaning or what to do`];
}

/** The fault table of the kernel and the one people read are the same. @param {Tree} tree */
export function faultProblems(tree) {
  if (!tree.has(faultSource)) return [];
  if (!tree.has(faultDocument)) return [`${faultDocument}: missing`];
  const inCode = faultsInCode(tree);
  const inDocument = faultsInDocument(tree);
  if (inCode.size === 0) return [`${faultSource}: no row of faultTable could be read`];
  return [
    ...[...inCode].flatMap(([code, row]) => faultProblem(code, row, inDocument.get(code))),
    ...[...inDocument.keys()]
      .filter((code) => !inCode.has(code))
      .map((code) => `\`${code}\` is not in faultTable`),
  ].map((problem) => `${faultDocument}: ${problem}`);
}

const shellBlock = /^```sh\n([\s\S]*?)^```/gm;

function commandProblem(line, scripts, benches) {
  const [, command, script, rest] = /^npm (\S+)(?: (\S+))?(.*)$/.exec(line) ?? [];
  const name = command === 'run' ? script : command;
  if (command !== 'run' && command !== 'start' && command !== 'test') return undefined;
  if (!(name in scripts)) return `\`${line}\`: package.json has no script ${name}`;
  const bench = name === 'bench' ? /^ -- ([a-z0-9-]+)/.exec(rest)?.[1] : undefined;
  if (bench === undefined || benches.has(bench)) return undefined;
  return `\`${line}\`: bench/ has no ${bench}`;
}

/** Commands that a document tells the reader to type exist. @param {Tree} tree */
export function commandProblems(tree) {
  if (!tree.has('package.json')) return [];
  const { scripts = {} } = JSON.parse(tree.read('package.json'));
  const benches = new Set(benchFiles(tree).map((file) => basename(file, '.ts')));
  return tree.files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      [...tree.read(file).matchAll(shellBlock)]
        .flatMap(([, block]) => block.split('\n'))
        .map((line) => commandProblem(line.trim(), scripts, benches))
        .filter((problem) => problem !== undefined)
        .map((problem) => `${file}: ${problem}`),
    );
}
