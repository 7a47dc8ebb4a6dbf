/**
 * What decoupled serving is worth: this stack against `@huggingface/transformers` with the same model in one process.
 *
 * Both get the same folder, the same requests and the same cores; one is asked after the other, rate by rate. The peer runs
 * behind the least HTTP server that streams each token, as many processes and threads as it answers most requests with, and
 * at each rate with its requests one after the other or in turns, whichever keeps to the SLO (src/serving/peer).
 *
 * Models:
 * - panel: as shipped. It costs so little that HTTP, lanes and transfers are what is measured.
 * - weighty: random weights at about the size of SmolVLM-256M (87 M parameters of vision, 135 M of decoder, 64 tokens a
 *   picture), written on the spot by this bench to .isotherm/bench. Its tiles have 256 pixels a side, not 512, so that a
 *   picture takes under a second on one core: encoding is a smaller share of a request than it is there. It cannot end an
 *   answer, so that both systems make the same number of tokens.
 *
 * Workloads (src/serving/load/workload.ts): `mixed`, half texts, half 1 to 4 pictures, none seen before; `repeated-images`, four
 * pictures asked again and again; `shared-prefix`, two long prefixes. Lengths for weighty are a sixth of a published trace.
 * Arrivals: Poisson, or bursty (rate changes by a factor of ten; two thirds of the requests come in a sixth of the time).
 *
 * Measured:
 * - goodput: the highest rate, on a grid, at which 90 % of requests get their first token within 5 times the peer's unloaded
 *   time (medians by number of pictures, weighed by their share of the traffic) and further tokens within 5 times its
 *   unloaded time a token, averaged over an answer. One SLO for both systems, from the peer; latency counts from when a
 *   request was due. `goodput_ratio_MODEL`: bursty arrivals, fp32 on both sides. `goodput_strict_ratio_panel`: the same with
 *   99 %; its limit of about 2 ms a token is near to what a late time slice of a shared machine takes.
 * - saturated: a closed loop with more requests under way than either can serve. `throughput_ratio_weighty`.
 * - `latency_batch1_ratio_weighty`: whole answers, one request at a time. `ttft_p99_ratio_weighty`: `mixed`, bursty,
 *   both at the common rate (half of what saturates the peer). `repeated_image_ttft_ratio`: medians of `repeated-images` there.
 * - `*_ratio_weighty_int8`: int8 weights on both sides, under the same SLO. `*_ratio_weighty_int8_to_fp32`: Isotherm with int8 ÷
 *   the monolith with fp32, its library's default.
 * - `ablation_X_*`: the figure without mechanism X ÷ with it, each alone; of throughput below 1 means that X helps, of
 *   TTFT and TPOT above 1. `ablation_fp32` is the other way round: what int8 would give. A mechanism whose switch this
 *   tree does not have is in the raw result as not available.
 * - `event_loop_delay_p99_MODEL_ms`: the worst service while saturated.
 *
 * How to read it: ratios are Isotherm ÷ monolith; above 1 is better for goodput and throughput, below 1 for latencies. The load
 * generator shares the cores with both. A goodput ratio has the grain of the grid (15 to 20 %). `null`: not measured, or the
 * monolith held at no rate. Raw result with every rate that was tried: bench/results/serving.json. About half an hour.
 *
 * Usage: npm run bench -- serving [--only panel|weighty] [--no-ablations] [--quick]
 * With --only the result is serving-MODEL.json. --quick shows that it works, with panel unless weighty is asked for.
 */
import { parseArgs } from 'node:util';
import { environment } from './report/environment.ts';
import { provideRedis } from './report/provided-redis.ts';
import { report, say } from './report/result.ts';
import { servingFigures } from './serving/figures.ts';
import { type ModelName, runModels } from './serving/run-models.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'no-ablations': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
const { quick, only } = values;
if (only !== undefined && only !== 'panel' && only !== 'weighty') {
  throw new Error(`--only is panel or weighty, not ${only}.`);
}
const models: readonly ModelName[] =
  only !== undefined ? [only] : quick ? ['panel'] : ['panel', 'weighty'];

const measuredOn = environment();
const redis = await provideRedis();
say(`Redis: ${redis.how}`);
try {
  const measured = await runModels(models, {
    redisUrl: redis.url,
    quick,
    ablations: !values['no-ablations'],
  });
  const name = only === undefined ? 'serving' : `serving-${only}`;
  const figures = servingFigures(measured.panel?.figures, measured.weighty?.figures);
  await report(name, quick, figures, { ...measuredOn, models: measured });
} finally {
  await redis.stop();
}
