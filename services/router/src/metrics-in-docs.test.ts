import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { refusalCodes } from '@isotherm/policy';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const proto = read('proto/isotherm/router/v1/router.proto');

/** Fields of a message in the status, but for those that say whose the rest is. */
const fieldsOf = (message: string, prefix: string): readonly string[] => {
  const body = new RegExp(`^message ${message} \\{([^}]*)\\}`, 'm').exec(proto)?.[1] ?? '';
  const names = [...body.matchAll(/^ {2}[\w<>, .]+ (\w+) = \d+;/gm)].map(([, name]) => name ?? '');
  return names.filter((name) => name !== 'name' && name !== 'classes').map((name) => prefix + name);
};

it('explains all that admission counts, and every reason of a refusal', () => {
  const counted = [
    ...fieldsOf('Admission', 'admission.'),
    ...fieldsOf('ClassAdmission', 'admission.classes.'),
  ];
  expect(counted.length).toBeGreaterThanOrEqual(10);
  const metrics = read('docs/metrics.md');
  const listed = [...metrics.matchAll(/^\| `(admission\.[\w.]+)`/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(counted.toSorted());
  const guide = read('docs/how-to/choose-slos.md');
  const reasons = [...guide.matchAll(/^\| `(\w+)` +\| `\w+` +\|/gm)].map(([, name]) => name);
  expect(reasons.toSorted()).toEqual(Object.keys(refusalCodes).toSorted());
});
