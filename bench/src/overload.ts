/**
 * What too much load does: three times what the fleet can answer, of mixed classes, and one tenant at ten times its share.
 *
 * Measured, with the whole fabric and the profile engine, of which the prompt (20 ms, one at a time) alone is short:
 * - peak: answers a second of a closed loop; then three times that as Poisson arrivals: a sixth interactive (half of
 *   the peak), a third standard, half batch, under the promises in src/overload/overload-stack.ts.
 * - `overload_goodput_share`: answers a second within their class's promises (first token, mean time between tokens) ÷
 *   peak. `interactive_attainment`: of all interactive requests sent, those answered within their promises.
 * - `refusal_p99_ms`: from sending a request to the end of its refusal, as the client sees it.
 * - `overload_recovery_ms`: from the end of the load until an interactive request is answered as promised.
 * - `fairness_p99_ratio`: 99th percentile of a steady tenant's time to the first token, with another one at ten times its
 *   share ÷ with it at its share. Both in turn.
 *
 * How to read it: the generator shares the cores with everything else, and its own delays count as the router's. Without
 * admission everything waits in one line, and after a few seconds nothing is answered in time. Raw result:
 * bench/results/overload.json. About three minutes.
 *
 * Usage: npm run bench -- overload [--quick]
 */
import { measureFairness } from './overload/measure-fairness.ts';
import { measureOverload } from './overload/measure-overload.ts';
import { fullOverload, quickOverload } from './overload/parameters.ts';
import { round } from './report/percentiles.ts';
import { runBench } from './report/run-bench.ts';

await runBench('overload', async (redisUrl, quick) => {
  const parameters = quick ? quickOverload : fullOverload;
  const overload = await measureOverload(redisUrl, parameters.overload);
  const fairness = await measureFairness(redisUrl, parameters.fairness);
  const figures = {
    overload_goodput_share: round(overload.goodputShare),
    interactive_attainment: round(overload.interactiveAttainment),
    refusal_p99_ms: overload.refusalP99Ms,
    overload_recovery_ms: round(overload.recoveryMs),
    overload_peak_per_s: round(overload.peakPerS),
    overload_failed: overload.failures.length,
    fairness_p99_ratio: round(fairness.p99Ratio),
    fairness_p90_ratio: round(fairness.p90Ratio),
    fairness_lost: fairness.steadyLost,
  };
  return { figures, raw: { parameters, overload, fairness } };
});
