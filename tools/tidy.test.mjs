import { describe, expect, it } from '@jest/globals';
import { tidyProblems } from './tidy.mjs';
import { withTree } from './tree-fixture.mjs';

const faultSource = [
  'export const faultTable = {',
  '  saturated: { grpcStatus: 8, httpStatus: 503, retryable: true },',
  '  internal: { grpcStatus: 13, httpStatus: 500, retryable: false },',
  '};',
].join('\n');
const faultHead =
  '| Code | gRPC | HTTP | Retryable | Meaning | What to do |\n| - | - | - | - | - | - |\n';
const saturatedRow = '| `saturated` | 8 RESOURCE_EXHAUSTED | 503 | yes | Full. | Wait. |\n';
const internalRow = '| `internal` | 13 INTERNAL | 500 | no | A bug. | Report it. |\n';

const sound = {
  'package.json': { scripts: { start: '', test: '', bench: '' } },
  'README.md': '```sh\nnpm start\nnpm run bench -- fabric --quick\nnpm install\n```\n',
  'docs/errors.md': faultHead + saturatedRow + internalRow,
  'bench/src/fabric.ts':
    '/** Measures what the fabric adds to each request of one engine. */\nrun();\n',
  'packages/kernel/package.json': { license: 'Apache-2.0' },
  'packages/kernel/README.md': '# kernel\n',
  'packages/kernel/src/fault.ts': faultSource,
  'packages/policy/src/route/README.md': '# route\n',
  'packages/policy/src/route/least.ts': 'export const least = 1;\n',
  'packages/policy/src/route/least.test.ts': "it.skip('takes the least — no clock', f);\n",
  'packages/policy/src/route/contract.ts': 'export interface Route {}\n',
};
const problemsWith = (changes) => withTree({ ...sound, ...changes }, tidyProblems);

// Put together here: this file is itself under the rules that it tests.
const join = (...parts) => parts.join('');

describe('tidyProblems', () => {
  it('finds nothing in a tidy tree', () => {
    expect(problemsWith({})).toEqual([]);
  });

  const policy = 'packages/policy/src/route/most.ts';
  const test = 'packages/kernel/src/x.test.ts';
  const cases = [
    ['a policy without a test', { [policy]: 'export const most = 1;\n' }, 'no test beside it'],
    [
      'a folder of policies without a README',
      {
        'packages/policy/src/scale/up.ts': 'export const up = 1;\n',
        'packages/policy/src/scale/up.test.ts': '',
      },
      'packages/policy/src/scale: no README.md',
    ],
    [
      'a service without a README',
      { 'services/router/package.json': { license: 'Apache-2.0' } },
      'services/router: has no README.md',
    ],
    [
      'a package without a licence',
      { 'packages/kernel/package.json': {} },
      'packages/kernel/package.json: license must be',
    ],
    ['a long file', { 'a.ts': '\n'.repeat(501) }, 'a.ts: 501 lines'],
    ['work left to do', { 'a.ts': join('// TO', 'DO later\n') }, 'a.ts:1: work left to do'],
    ['a lone test', { [test]: join('it.on', "ly('a', f);\n") }, 'hides all other tests'],
    ['a lone suite', { [test]: join('f', "describe('a', f);\n") }, 'hides all other tests'],
    ['a skip without a reason', { [test]: join('it.sk', "ip('a test', f);\n") }, 'says why'],
    ['a hidden skip', { [test]: join('x', "it('a', f);\n") }, 'write .skip('],
    ['a machine path', { 'a.md': join('see /ro', 'ot/notes\n') }, 'a.md:1: a path of one machine'],
    ['a quoted machine path', { 'a.ts': join("'/ho", "me/me'\n") }, 'a path of one machine'],
    [
      'a registry host',
      { 'a.sh': join('curl https://pyp', 'i.org\n') },
      "a package registry's host",
    ],
    ['a bench without a head', { 'bench/src/fabric.ts': 'run();\n' }, 'must say what it measures'],
    [
      'a fault without a row',
      { 'docs/errors.md': faultHead + internalRow },
      'no row for `saturated`',
    ],
    [
      'a fault with other figures',
      { 'docs/errors.md': faultHead + internalRow + saturatedRow.replace('yes', 'no') },
      '`saturated` says gRPC 8, HTTP 503, retryable no; the code says gRPC 8, HTTP 503, retryable yes',
    ],
    [
      'a fault that is not explained',
      { 'docs/errors.md': faultHead + internalRow + saturatedRow.replace('Wait.', '') },
      '`saturated` lacks its meaning',
    ],
    [
      'a row that the code does not have',
      {
        'docs/errors.md':
          faultHead + internalRow + saturatedRow + saturatedRow.replace('saturated', 'gone'),
      },
      '`gone` is not in faultTable',
    ],
    ['no errors document', { 'docs/errors.md': undefined }, 'docs/errors.md: missing'],
    ['an unknown script', { 'README.md': '```sh\nnpm run fly\n```\n' }, 'no script fly'],
    ['an unknown bench', { 'README.md': '```sh\nnpm run bench -- x\n```\n' }, 'bench/ has no x'],
  ];
  it.each(cases)('catches %s', (_name, changes, problem) => {
    expect(problemsWith(changes)).toEqual([expect.stringContaining(problem)]);
  });

  it('lets pass: policies that a folder above explains, work with an issue, a skip with a reason, a folder below another named work', () => {
    const changes = {
      'packages/policy/src/route/scorers/heat.ts': 'export const heat = 1;\n',
      'packages/policy/src/route/scorers/heat.test.ts': '',
      'a.ts': join('// TO', "DO(#12) later\nconst folder = 'out/wo", "rk/a';\n"),
      [test]: join('test.sk', 'ip("a: no Redis here", f);\n'),
    };
    expect(problemsWith(changes)).toEqual([]);
  });
});
