import { describe, expect, it } from '@jest/globals';
import { dependencyProblems, importsOf } from './dependency-rule.mjs';
import { withTree } from './tree-fixture.mjs';

const manifest = (name, dependencies = []) => ({
  name: `@isotherm/${name}`,
  exports: { '.': './dist/index.js' },
  dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '*'])),
});
const references = (...paths) => ({ references: paths.map((path) => ({ path })) });

const sound = {
  'pnpm-workspace.yaml':
    'packages:\n  - packages/*\n  - services/*\n  - test\n\ncatalog:\n  x: 1\n',
  'packages/kernel/package.json': manifest('kernel'),
  'packages/kernel/tsconfig.json': references(),
  'packages/kernel/src/index.ts': "export * from './clock.ts';\n",
  'packages/kernel/src/clock.ts': 'export const now = 0;\n',
  'packages/kernel/src/clock.test.ts': "import { it } from '@jest/globals';\n",
  'packages/policy/package.json': manifest('policy', ['@isotherm/kernel']),
  'packages/policy/tsconfig.json': references('../kernel'),
  'packages/policy/src/index.ts': "import { now } from '@isotherm/kernel';\n",
  'packages/lanes/package.json': manifest('lanes', ['@isotherm/kernel', 'bullmq']),
  'packages/lanes/tsconfig.json': references('../kernel'),
  'packages/lanes/src/index.ts':
    "import { once } from 'node:events';\nimport { Queue } from 'bullmq';\n",
  'services/router/package.json': manifest('router', ['@isotherm/lanes', '@isotherm/policy']),
  'services/router/tsconfig.json': references('../../packages/lanes', '../../packages/policy'),
  'services/router/src/main.ts':
    "import '@isotherm/lanes';\nimport type { P } from '@isotherm/policy';\n",
  'services/decode/package.json': manifest('decode', ['@isotherm/lanes']),
  'services/decode/tsconfig.json': references('../../packages/lanes'),
  'services/decode/src/main.ts': "import '@isotherm/lanes';\n",
};
const problemsWith = (changes) => withTree({ ...sound, ...changes }, dependencyProblems);

describe('importsOf', () => {
  it('finds every form of import, over several lines too', () => {
    const text = [
      "import a from 'one';",
      "import type {\n  B,\n  C,\n} from 'two';",
      "export * from 'three';",
      "import 'four';",
      "const five = await import('five');",
      "type Six = import('six').Six;",
      "require('seven');",
    ].join('\n');
    expect(importsOf(text).toSorted()).toEqual(
      ['one', 'two', 'three', 'four', 'five', 'six', 'seven'].toSorted(),
    );
  });

  it('reads neither comments nor what follows a web address in a string', () => {
    const text = "/** import x from 'a' */\n// import 'b'\nconst url = 'http://c'; import 'd';";
    expect(importsOf(text)).toEqual(['d']);
  });
});

describe('dependencyProblems', () => {
  it('finds nothing in a sound workspace', () => {
    expect(problemsWith({})).toEqual([]);
  });

  it.each(['colocated', 'embedded'])('lets a composition root host other services: %s', (name) => {
    const root = {
      [`services/${name}/package.json`]: manifest(name, ['@isotherm/router']),
      [`services/${name}/tsconfig.json`]: references('../router'),
      [`services/${name}/src/main.ts`]: "import '@isotherm/router';\n",
    };
    expect(problemsWith(root)).toEqual([]);
  });

  const cases = [
    [
      'an import against the layers',
      { 'packages/kernel/src/clock.ts': "import '@isotherm/policy';\n" },
      'packages/kernel must not depend on packages/policy',
    ],
    [
      'a package that imports a service',
      { 'packages/lanes/src/index.ts': "import '@isotherm/router';\n" },
      'packages/lanes must not depend on services/router',
    ],
    [
      'a service that imports another',
      { 'services/decode/src/main.ts': "import '@isotherm/router';\n" },
      'services/decode must not depend on services/router',
    ],
    [
      'Node in a pure package',
      { 'packages/policy/src/index.ts': "import { join } from 'node:path';\n" },
      'packages/policy is pure',
    ],
    [
      'a builtin by its bare name in a pure package',
      { 'packages/kernel/src/clock.ts': "import { join } from 'path';\n" },
      'packages/kernel is pure',
    ],
    [
      'an npm package in a pure package',
      { 'packages/policy/src/index.ts': "import pino from 'pino';\n" },
      'packages/policy is pure',
    ],
    [
      'a test framework outside tests of a pure package',
      { 'packages/policy/src/index.ts': "import { it } from '@jest/globals';\n" },
      'packages/policy is pure',
    ],
    [
      'an import that package.json does not declare',
      { 'services/router/package.json': manifest('router', ['@isotherm/lanes']) },
      '@isotherm/policy, not in its package.json',
    ],
    [
      'an npm import that package.json does not declare',
      { 'packages/lanes/package.json': manifest('lanes', []) },
      'bullmq, not in its package.json',
    ],
    [
      'an import without a reference in tsconfig.json',
      { 'services/router/tsconfig.json': references('../../packages/lanes') },
      '@isotherm/policy, not among the references',
    ],
    [
      "a reach into another package's build",
      { 'services/decode/src/main.ts': "import '@isotherm/lanes/dist/port.js';\n" },
      'only what @isotherm/lanes exports',
    ],
    [
      'a relative import that leaves its package',
      { 'services/decode/src/main.ts': "import '../../../packages/lanes/src/index.ts';\n" },
      'outside its package',
    ],
    [
      'a package that the workspace does not have',
      { 'services/decode/src/main.ts': "import '@isotherm/heat';\n" },
      'which the workspace does not have',
    ],
    [
      'an import of its own package by name',
      { 'packages/lanes/src/index.ts': "import '@isotherm/lanes';\n" },
      'its own package by name',
    ],
    [
      'an import cycle, dynamic imports included',
      {
        'packages/lanes/src/a.ts': "import './b.ts';\n",
        'packages/lanes/src/b.ts': "const c = import('./a.ts');\n",
      },
      'packages/lanes: import cycle a.ts → b.ts → a.ts'.replaceAll(/([ab])\.ts/g, 'src/$1.ts'),
    ],
    [
      'a package without a layer',
      { 'packages/heat/package.json': manifest('heat') },
      'packages/heat: has no layer yet',
    ],
  ];
  it.each(cases)('catches %s', (_name, changes, problem) => {
    expect(problemsWith(changes)).toEqual(
      expect.arrayContaining([expect.stringContaining(problem)]),
    );
  });

  it('lets a conformance suite use what is only installed for tests', () => {
    const lanes = {
      ...manifest('lanes', ['@isotherm/kernel', 'bullmq']),
      devDependencies: { x: '*' },
    };
    const changes = {
      'packages/lanes/package.json': lanes,
      'packages/lanes/src/conformance/order.ts': "import 'x';\n",
    };
    expect(problemsWith(changes)).toEqual([]);
    const outside = { ...changes, 'packages/lanes/src/order.ts': "import 'x';\n" };
    expect(problemsWith(outside)).toEqual([expect.stringContaining('x, not in its package.json')]);
  });

  it('lets whole-system tests import services', () => {
    const changes = {
      'test/package.json': manifest('test', ['@isotherm/router']),
      'test/tsconfig.json': references('../services/router'),
      'test/src/start.test.ts': "import '@isotherm/router';\n",
    };
    expect(problemsWith(changes)).toEqual([]);
  });
});
