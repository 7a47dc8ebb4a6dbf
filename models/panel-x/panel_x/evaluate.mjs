// Exact match of whole answers, greedy, with the exported graphs.
//
// Usage: node evaluate.mjs FOLDER [--int8] [--limit N] [--out FILE]
// FOLDER is what panel's generate.py wrote (pictures and questions.jsonl). --out writes every record
// with the text that was given. Prints one line per family.

import path from 'node:path';

import { measure } from '../../panel/training/exact-match.mjs';
import { answer, load, statesOf } from './engine.mjs';

await measure(async ({ folder, values }) => {
  const model = await load(values.int8 ? '_int8' : '');
  return {
    prepare: ({ picture }) => statesOf(model, picture && path.join(folder, picture)),
    answer: ({ question }, seen) => answer(model, question, seen),
  };
});
