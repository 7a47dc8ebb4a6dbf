// Exact match of whole answers, greedy, with the exported graphs.
//
// Usage: node evaluate.mjs FOLDER [--int8] [--holes] [--turns] [--limit N] [--out FILE]
// FOLDER is what generate.py wrote (media and questions.jsonl). --holes leaves masked noise in
// the cache. --turns asks every question as the second turn, after the one before it about the same
// media. --out writes every record with the text that was given. Prints one line per family.

import { answer, load, mediumOf } from './engine.mjs';
import { measure } from './exact-match.mjs';

const open = async ({ folder, values }) => {
  const model = await load(values.int8 ? '_int8' : '');
  return {
    prepare: async (record) => {
      const media = [];
      for (const medium of record.media) media.push(await mediumOf(model, folder, medium));
      return media;
    },
    answer: (record, media, before) =>
      answer(model, conversation(record, values.turns ? before : undefined), media, values),
  };
};
await measure(open, {
  holes: { type: 'boolean', default: false },
  turns: { type: 'boolean', default: false },
});

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
