// Exact match of whole answers, greedy, with the exported graphs.
//
// Usage: node evaluate.mjs FOLDER [--int8] [--limit N] [--out FILE]
// FOLDER is what panel's generate.py wrote (pictures and questions.jsonl). --out writes every record
// with the text that was given. Prints one line per family.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { answer, load, statesOf } from './engine.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    int8: { type: 'boolean', default: false },
    limit: { type: 'string', default: '1000000' },
    out: { type: 'string' },
  },
});
const folder = positionals[0];
const model = await load(values.int8 ? '_int8' : '');
const lines = readFileSync(path.join(folder, 'questions.jsonl'), 'utf8').trim().split('\n');
const records = lines.slice(0, Number(values.limit)).map((line) => JSON.parse(line));
const families = new Map();
let seen = { picture: '', states: undefined };
for (const record of records) {
  if (record.picture !== seen.picture) {
    const file = record.picture ? path.join(folder, record.picture) : undefined;
    seen = { picture: record.picture, ...(await statesOf(model, file)) };
  }
  record.given = await answer(model, record.question, seen);
  const tally = families.get(record.family) ?? { right: 0, asked: 0 };
  tally.right += record.given === record.answer ? 1 : 0;
  tally.asked += 1;
  families.set(record.family, tally);
}
const share = ({ right, asked }) => ((100 * right) / asked).toFixed(2);
const total = { right: 0, asked: 0 };
for (const [family, tally] of [...families].sort(([a], [b]) => a.localeCompare(b))) {
  console.log(`${family.padEnd(22)} ${share(tally).padStart(6)} %  ${tally.right}/${tally.asked}`);
  total.right += tally.right;
  total.asked += tally.asked;
}
console.log(`all ${share(total)} %  ${total.right}/${total.asked}`);
if (values.out) {
  writeFileSync(values.out, records.map((record) => JSON.stringify(record)).join('\n') + '\n');
}
