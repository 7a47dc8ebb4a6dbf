/**
 * What caches give when pictures come again: time to the first token of the same question about pictures that were never
 * seen (miss) and about pictures that were asked about before (hit).
 *
 * Measured: one request at a time on an idle deployment of one instance a stage, four pictures and a question that is
 * another one each time, hits and misses in turn. A hit leases the embeddings from the encoder, without a job, and runs
 * the question alone behind the KV cache of the pictures. `only_embeddings` and `only_prefixes` are hits with one of the
 * two caches alone.
 * - panel: the shipped model, whose work is about as small as the way through HTTP, Redis and gRPC.
 * - weighty: about the size of SmolVLM-256M, random weights (src/serving/weighty).
 *
 * `ttft_text_p50_ms_*` is the question without pictures: the way there and back, below which no cache gets.
 *
 * How to read it: `ttft_ratio_*` is the median of misses ÷ that of hits; above 1 is better. Other load on the machine
 * lengthens both. Raw result: bench/results/caches.json.
 *
 * Usage: npm run bench -- caches [--quick]
 */
import { join } from 'node:path';
import { shippedModelDir } from '@isotherm/stack';
import { type CacheRuns, figuresOf } from './caches/figures.ts';
import { measureCaches } from './caches/measure-caches.ts';
import { repositoryRoot } from './report/repository.ts';
import { say } from './report/result.ts';
import { runBench } from './report/run-bench.ts';
import { provideWeighty } from './serving/weighty/provide-weighty.ts';
import { weightyShape } from './serving/weighty/shape.ts';

await runBench('caches', async (redisUrl, quick) => {
  const runs: Record<string, CacheRuns> = {};
  const panel = { modelDir: shippedModelDir, picturePx: undefined, rounds: quick ? 3 : 40 };
  runs['panel'] = await measureCaches(redisUrl, panel);
  if (!quick) {
    const root = join(repositoryRoot, '.isotherm/bench/weighty');
    const { grouped: modelDir } = await provideWeighty(root, weightyShape, say);
    runs['weighty'] = await measureCaches(redisUrl, { modelDir, picturePx: 256, rounds: 6 });
  }
  return { figures: figuresOf(runs), raw: { runs } };
});
