import { readFileSync } from 'node:fs';
import { instanceCounts } from '@isotherm/colocated';
import { routerSettings } from '@isotherm/router';
import type { Schema, Setting } from '@isotherm/runtime';
import { stageSettings } from '@isotherm/stage';
import { upstreamOwnSettings } from '@isotherm/upstream';
import { describe, expect, it } from '@jest/globals';

/**
 * This package is the only one that sees every schema, so it holds the documents of all to them.
 */
const repository = new URL('../../../', import.meta.url);

const settingsOf = <Config extends object>(schema: Schema<Config>): readonly Setting<unknown>[] =>
  Object.values(schema);

/** A longer default is a table of its own, in the guide that the row's section names. */
const defaultLengthMax = 40;

const defaultOf = ({ fallback }: Setting<unknown>): string => {
  if (fallback === undefined) return 'required';
  if (fallback === '') return 'none';
  const text = typeof fallback === 'string' ? fallback : JSON.stringify(fallback);
  return text.length > defaultLengthMax ? 'see its guide' : `\`${text}\``;
};

/** The row that a README must have, as it would be pasted. */
const rowOf = (setting: Setting<unknown>): string =>
  `| \`${setting.env}\` | ${defaultOf(setting)} | ${setting.about} |`;

/** Rows of settings in a document, without the padding of its columns. */
const rowsIn = (document: string): readonly string[] =>
  readFileSync(new URL(document, repository), 'utf8')
    .split('\n')
    .filter((line) => /^\| *`[A-Z_]+`/.test(line))
    .map((line) => line.replace(/ +\|/g, ' |').replace(/\| +/g, '| '));

describe('settings in READMEs', () => {
  it.each([
    ['services/router/README.md', settingsOf(routerSettings)],
    ['packages/stage/README.md', settingsOf(stageSettings)],
    ['services/upstream/README.md', settingsOf(upstreamOwnSettings)],
    ['services/colocated/README.md', settingsOf(instanceCounts(0))],
    ['services/embedded/README.md', settingsOf(instanceCounts(1))],
  ])('%s lists each with its default and meaning', (document, settings) => {
    expect(rowsIn(document)).toEqual(settings.map(rowOf));
  });
});
