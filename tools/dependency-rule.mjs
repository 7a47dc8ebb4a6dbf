// Checks that dependencies point one way: kernel ← policy; kernel ← lanes, rpc, runtime, engine ← stage ←
// services; no package imports a service, no service another one; what is pure knows nothing of Node.
// It scans import statements as text: no build, no dependency.
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder, readJson, repositoryRoot, workspaceFolders } from './bootstrap/workspace.mjs';

const scope = '@isotherm/';
const base = ['packages/kernel', 'proto'];
const adapters = ['packages/engine', 'packages/lanes', 'packages/rpc', 'packages/runtime'];
const pureModels = ['packages/kernel', 'packages/policy', 'packages/plant'];

/** What each package may import. A new package gets its line here, with thought. */
const layers = new Map([
  ['proto', []],
  ['packages/kernel', []],
  ['packages/policy', ['packages/kernel']],
  ['packages/plant', ['packages/kernel']],
  ...adapters.map((folder) => [folder, base]),
  ['packages/stage', [...base, ...adapters, 'packages/policy']],
  ['packages/stack', [...base, 'packages/rpc']],
  ['packages/simulator', pureModels],
  [
    'packages/cli',
    [
      ...[...base, ...adapters, ...pureModels, 'packages/stage', 'packages/stack'],
      'packages/simulator',
    ],
  ],
]);
/** Services that host others in one process: some stages, or all of them where there is no Redis. */
const compositions = new Set(['services/colocated', 'services/embedded']);
const serviceLayer = [...base, ...adapters, ...pureModels, 'packages/stage'];

/** No Node, no npm package: they run in a simulator by the million, and could run in a browser. */
const pure = new Set([...pureModels, 'packages/simulator']);
const pureTestImports = new Set(['@jest/globals', 'fast-check']);

/** Tests, and folders that only tests import: a port's conformance suite, doubles, and fixtures. */
const isTest = (file) => /\.test\.ts$|(?:^|\/)(?:conformance|testing)\//.test(file);
const isSource = (file) => /\.ts$/.test(file) && !/\.d\.ts$/.test(file);
const isService = (folder) => folder.startsWith('services/');
/** Whole-system tests and benches stand above everything. */
const isAbove = (folder) =>
  !folder.startsWith('packages/') && !isService(folder) && folder !== 'proto';

const stringOrComment =
  /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/.*|\/\*[\s\S]*?\*\//g;
const importForms = [
  /\b(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]/g,
  /\bimport\s*['"]([^'"]+)['"]/g,
  /\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g,
];

/**
 * The module names that a source imports or re-exports, types included.
 * @param {string} text
 * @returns {string[]}
 */
export function importsOf(text) {
  const code = text.replace(stringOrComment, (token) => (token.startsWith('/') ? ' ' : token));
  return importForms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1]));
}

const isBuiltin = (name) =>
  name.startsWith('node:') ||
  builtinModules.includes(name) ||
  builtinModules.includes(name.split('/')[0]);

/** `@scope/name/sub` → `@scope/name`; `name/sub` → `name`. */
const packageName = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function readPackage(root, folder) {
  const manifest = readJson(join(root, folder, 'package.json'));
  const tsconfig = join(root, folder, 'tsconfig.json');
  const { references = [] } = existsSync(tsconfig) ? readJson(tsconfig) : {};
  const files = filesUnder(join(root, folder))
    .filter((file) => isSource(file) && !file.startsWith('src/gen/'))
    .map((file) => {
      const imports = importsOf(readFileSync(join(root, folder, file), 'utf8'));
      return { file, imports };
    });
  return {
    folder,
    name: manifest.name,
    exports: manifest.exports ?? {},
    dependencies: new Set(Object.keys(manifest.dependencies ?? {})),
    devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
    references: new Set(references.map(({ path }) => normalize(join(folder, path)))),
    files,
  };
}

function mayImport(from, to) {
  if (isAbove(from)) return true;
  if (compositions.has(from) && isService(to)) return true;
  if (isService(to) || isAbove(to)) return false;
  return (isService(from) ? serviceLayer : (layers.get(from) ?? [])).includes(to);
}

const isDeclared = (owner, file, name) =>
  owner.dependencies.has(name) ||
  ((isTest(file) || isAbove(owner.folder)) && owner.devDependencies.has(name));

function relativeProblems(owner, file, specifier) {
  const target = normalize(join(owner.folder, dirname(file), specifier));
  return target.startsWith(`${owner.folder}/`)
    ? []
    : [`imports ${specifier}, which lies outside its package`];
}

function workspaceProblems(owner, file, specifier, packages) {
  const name = packageName(specifier);
  const target = packages.find((candidate) => candidate.name === name);
  if (target === undefined) return [`imports ${name}, which the workspace does not have`];
  if (target === owner) return [`imports its own package by name (${name}): use a relative path`];
  const problems = [];
  const subpath = specifier.slice(name.length);
  if (subpath !== '' && !(`.${subpath}` in target.exports)) {
    problems.push(`imports ${specifier}: only what ${name} exports may be imported`);
  }
  if (!mayImport(owner.folder, target.folder)) {
    problems.push(`imports ${name}: ${owner.folder} must not depend on ${target.folder}`);
  }
  if (!isDeclared(owner, file, name)) problems.push(`imports ${name}, not in its package.json`);
  if (!owner.references.has(target.folder)) {
    problems.push(`imports ${name}, not among the references of its tsconfig.json`);
  }
  return problems;
}

function outsideProblems(owner, file, specifier) {
  const name = packageName(specifier);
  if (pure.has(owner.folder)) {
    if (isTest(file) && pureTestImports.has(name)) return [];
    return [
      `imports ${specifier}: ${owner.folder} is pure and imports neither Node nor npm packages`,
    ];
  }
  if (isBuiltin(specifier)) {
    return specifier.startsWith('node:') ? [] : [`imports ${specifier}: write node:${specifier}`];
  }
  return isDeclared(owner, file, name) ? [] : [`imports ${name}, not in its package.json`];
}

function importProblems(owner, file, specifier, packages) {
  if (specifier.startsWith('.')) return relativeProblems(owner, file, specifier);
  if (specifier.startsWith(scope)) return workspaceProblems(owner, file, specifier, packages);
  return outsideProblems(owner, file, specifier);
}

/** Import cycles among the files of one package, each named once. */
function cyclesOf({ folder, files }) {
  const edges = new Map(
    files.map(({ file, imports }) => [
      file,
      imports
        .filter((name) => name.startsWith('.'))
        .map((name) => normalize(join(dirname(file), name))),
    ]),
  );
  const done = new Set();
  const path = [];
  const problems = [];
  const visit = (file) => {
    const at = path.indexOf(file);
    if (at >= 0) {
      problems.push(`${folder}: import cycle ${[...path.slice(at), file].join(' → ')}`);
      return;
    }
    if (done.has(file) || !edges.has(file)) return;
    path.push(file);
    for (const next of edges.get(file)) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return problems;
}

const unlayered = ({ folder }) =>
  folder.startsWith('packages/') && !layers.has(folder)
    ? [`${folder}: has no layer yet: give it one in tools/dependency-rule.mjs`]
    : [];

/**
 * Every violation in a workspace, one line each.
 * @param {string} root
 * @returns {string[]}
 */
export function dependencyProblems(root) {
  const packages = workspaceFolders(root).map((folder) => readPackage(root, folder));
  return packages.flatMap((owner) => [
    ...unlayered(owner),
    ...owner.files.flatMap(({ file, imports }) =>
      [...new Set(imports)].flatMap((specifier) =>
        importProblems(owner, file, specifier, packages).map(
          (problem) => `${owner.folder}/${file}: ${problem}`,
        ),
      ),
    ),
    ...cyclesOf(owner),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = dependencyProblems(repositoryRoot);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
