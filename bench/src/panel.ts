/**
 * What the shipped model answers through the running services, against the right answers and against one process.
 *
 * Measured: pictures, sounds and clips that models/panel/generate.py makes from seeds that the recipe keeps for tests, with
 * all questions about them, and questions without any, asked through HTTP of a router with one encoder, one prefill and one decode process (ONNX, 48 in flight, so
 * that decode batches are mixed):
 * - `exact_match`, `exact_match_int8`: share (0 to 1) of `questions` whose whole text is the right answer, greedy, for
 *   the fp32 and the int8 graphs. `exact_match_image`, `_audio`, `_video` and `_text`: the same (fp32) for questions
 *   about pictures, sounds, clips and nothing but words. `exact_match_FAMILY`: the same for each family of questions (fp32).
 * - `exact_match_cross_attention_image`: the same for models/panel-x (fp32), which reads pictures through cross-attention,
 *   on the questions about pictures among them.
 * - `identical_texts` of `compared_texts`: answers (fp32) that are character for character those of the same graphs
 *   in one process at batch 1; questions at equal distances through the whole set. All should be identical.
 *
 * How to read it: a figure below the model card's means that serving changed the model; a text that is not identical
 * means the same. Both say nothing about speed (`seconds` in the raw result is for orientation). The raw result, with a
 * table of families and a sample of failures, is bench/results/panel.json.
 *
 * Usage: npm run bench -- panel [--seed N] [--count PICTURES] [--quick]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { askServices } from './panel/ask-all.ts';
import { compareWithOneProcess } from './panel/compare.ts';
import { panelFigures } from './panel/figures.ts';
import { drawQuestions } from './panel/question-set.ts';
import { share, tally, tallyFamilies } from './panel/tally.ts';
import { failuresOf } from './panel/failures.ts';
import { environment } from './report/environment.ts';
import { provideRedis } from './report/provided-redis.ts';
import { repositoryRoot } from './report/repository.ts';
import { report, say } from './report/result.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '2600000' },
    count: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const { seed, quick } = { seed: Number(values.seed), quick: values.quick };
const pictures = Number(values.count ?? (quick ? 9 : 320));
const counts = {
  image: pictures,
  audio: Math.ceil(pictures / 2),
  video: Math.ceil(pictures / 2),
  // There are few, and all of them are asked.
  text: 1,
};
const comparedMax = quick ? 100 : 640;
const inFlight = 48;

const measuredOn = environment();
const questions = await drawQuestions({ seed, counts });
say(`${questions.length} questions from seed ${seed}: ${JSON.stringify(counts)}`);
const redis = await provideRedis();
say(`Redis: ${redis.how}`);
try {
  const fp32 = await askServices(questions, { redisUrl: redis.url, precision: 'fp32', inFlight });
  const int8 = await askServices(questions, { redisUrl: redis.url, precision: 'int8', inFlight });
  const pictured = questions.filter(({ subject }) => subject === 'image');
  const crossAttention = await askServices(pictured, {
    redisUrl: redis.url,
    modelDir: join(repositoryRoot, 'models', 'panel-x'),
    precision: 'fp32',
    inFlight,
  });
  const figures = {
    exact_match_cross_attention_image: share(tally(pictured, crossAttention.given)),
  };
  say('comparing with one process');
  const comparison = await compareWithOneProcess(questions, fp32.given, comparedMax);
  await report(
    'panel',
    quick,
    { ...panelFigures(questions, fp32, int8, comparison), ...figures },
    {
      ...measuredOn,
      parameters: { seed, counts, inFlight, comparedMax },
      seconds: {
        fp32: fp32.seconds,
        int8: int8.seconds,
        crossAttention: crossAttention.seconds,
      },
      families: tallyFamilies(questions, fp32.given),
      familiesInt8: tallyFamilies(questions, int8.given),
      familiesCrossAttention: tallyFamilies(pictured, crossAttention.given),
      failures: failuresOf(questions, fp32.given),
      failuresCrossAttention: failuresOf(pictured, crossAttention.given),
      differences: comparison.differences.slice(0, 20),
    },
  );
} finally {
  await redis.stop();
}
