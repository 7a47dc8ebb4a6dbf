// Compares the log-mel windows that mel.py made with those of transformers.js.
//
// Usage: node check-mel.mjs FOLDER, where check_mel.py wrote NAME.f32 (samples) and NAME.mel.f32.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { transformers } from './runtime.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const config = JSON.parse(readFileSync(path.join(here, '..', 'preprocessor_config.json'), 'utf8'));
const extractor = new transformers.WhisperFeatureExtractor(config);
const folder = process.argv[2];
const floats = (file) => {
  const bytes = readFileSync(path.join(folder, file));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
};
let worst = 0;
const names = readdirSync(folder).filter((name) => name.endsWith('.mel.f32'));
for (const name of names) {
  const samples = Float32Array.from(floats(name.replace('.mel.f32', '.f32')));
  const { input_features: made } = await extractor(samples);
  const wanted = floats(name);
  if (made.data.length !== wanted.length) throw new Error(`${made.dims} values, not [80, 200]`);
  for (let index = 0; index < wanted.length; index += 1) {
    worst = Math.max(worst, Math.abs(made.data[index] - wanted[index]));
  }
}
console.log(`${names.length} windows, largest difference ${worst.toExponential(2)}`);
if (!(worst < 2e-4)) process.exit(1);
