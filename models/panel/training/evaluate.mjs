// Exact match of whole answers, greedy, with the exported graphs.
//
// Usage: node evaluate.mjs FOLDER [--int8] [--holes] [--turns] [--limit N] [--out FILE]
// FOLDER is what generate.py wrote (media and questions.jsonl). --holes leaves masked noise in
// the cache. --turns asks every question as the second turn, after the one before it about the same
// media. --out writes every record with the text that was given. Prints one line per family.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { answer, load, mediumOf } from './engine.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    int8: { type: 'boolean', default: false },
    holes: { type: 'boolean', default: false },
    turns: { type: 'boolean', default: false },
    limit: { type: 'string', default: '1000000' },
    out: { type: 'string' },
  },
});
const folder = positionals[0];
const model = await load(values.int8 ? '_int8' : '');
const lines = readFileSync(path.join(folder, 'questions.jsonl'), 'utf8').trim().split('\n');
const records = lines.slice(0, Number(values.limit)).map((line) => JSON.parse(line));
const families = new Map();
const begun = Date.now();
let seen = { key: '', media: [] };
let before;
for (const record of records) {
  const key = JSON.stringify(record.media);
  const follows = values.turns && seen.key === key;
  if (seen.key !== key) {
    const media = [];
    for (const medium of record.media) media.push(await mediumOf(model, folder, medium));
    seen = { key, media };
  }
  const messages = conversation(record, follows ? before : undefined);
  record.given = await answer(model, messages, seen.media, values);
  before = record;
  const tally = families.get(record.family) ?? { right: 0, asked: 0 };
  tally.right += record.given === record.answer ? 1 : 0;
  tally.asked += 1;
  families.set(record.family, tally);
}
const share = ({ right, asked }) => ((100 * right) / asked).toFixed(2);
const sorted = [...families].sort(([a], [b]) => a.localeCompare(b));
for (const [family, tally] of sorted) {
  console.log(`${family.padEnd(22)} ${share(tally).padStart(6)} %  ${tally.right}/${tally.asked}`);
}
const total = { right: 0, asked: 0 };
for (const [, tally] of sorted) {
  total.right += tally.right;
  total.asked += tally.asked;
}
const perQuestion = ((Date.now() - begun) / records.length).toFixed(2);
console.log(`all ${share(total)} %  ${total.right}/${total.asked}, ${perQuestion} ms a question`);
if (values.out) {
  writeFileSync(values.out, records.map((record) => JSON.stringify(record)).join('\n') + '\n');
}

function conversation(record, earlier) {
  const text = { type: 'text', text: (earlier ?? record).question };
  const parts = record.media.map(({ kind }) => ({ type: kind }));
  const content = parts.length > 0 ? [...parts, text] : text.text;
  const first = [{ role: 'user', content }];
  if (!earlier) return first;
  return [
    ...first,
    { role: 'assistant', content: earlier.given },
    { role: 'user', content: record.question },
  ];
}
