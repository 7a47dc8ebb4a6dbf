// Exact match of whole answers: asks what generate.py wrote, and tallies by family.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const common = {
  int8: { type: 'boolean', default: false },
  limit: { type: 'string', default: '1000000' },
  out: { type: 'string' },
};

/**
 * Asks every question of the folder that the command line names, prints one line per family, and
 * writes every record with the text that was given (--out). `options` are further ones of the
 * command line; `open({ folder, values })` gives
 * - `prepare(record)`: the record's media, made once for the questions about them that follow each other;
 * - `answer(record, media, before)`: the text; `before` is the record before it about the same media.
 */
export async function measure(open, options = {}) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { ...common, ...options },
  });
  const folder = positionals[0];
  const { prepare, answer } = await open({ folder, values });
  const lines = readFileSync(path.join(folder, 'questions.jsonl'), 'utf8').trim().split('\n');
  const records = lines.slice(0, Number(values.limit)).map((line) => JSON.parse(line));
  const begun = Date.now();
  let seen = { key: undefined, media: undefined };
  let before;
  for (const record of records) {
    const key = JSON.stringify(record.media);
    if (seen.key !== key) {
      seen = { key, media: await prepare(record) };
      before = undefined;
    }
    record.given = await answer(record, seen.media, before);
    before = record;
  }
  print(records, Date.now() - begun);
  if (values.out) {
    writeFileSync(values.out, records.map((record) => JSON.stringify(record)).join('\n') + '\n');
  }
}

function print(records, ms) {
  const families = new Map();
  const total = { right: 0, asked: 0 };
  for (const { family, given, answer } of records) {
    const tally = families.get(family) ?? { right: 0, asked: 0 };
    families.set(family, tally);
    for (const each of [tally, total]) {
      each.right += given === answer ? 1 : 0;
      each.asked += 1;
    }
  }
  const share = ({ right, asked }) => ((100 * right) / asked).toFixed(2);
  for (const [family, tally] of [...families].sort(([a], [b]) => a.localeCompare(b))) {
    console.log(
      `${family.padEnd(22)} ${share(tally).padStart(6)} %  ${tally.right}/${tally.asked}`,
    );
  }
  const perQuestion = (ms / records.length).toFixed(2);
  console.log(`all ${share(total)} %  ${total.right}/${total.asked}, ${perQuestion} ms a question`);
}
