/**
 * What the fabric costs: the same engines behind HTTP, Redis lanes and gRPC, and called in one process.
 *
 * Measured, all on this machine, each service a process of its own with one instance:
 * - Added first token: HTTP request to the first piece of text of a small text request (router, two lanes, prefill,
 *   decode behind it), minus the time of the same prompt, prefill and detokenization called directly in this process.
 *   Both are asked in turn, one request at a time. Engines of zero cost (profile), so nothing hides behind compute.
 *   The first token crosses one lane and one service; decode's lane is on the path of the second token.
 * - Added per token: (last - first token) / (tokens - 1), fabric minus direct. With a decode step of 5 ms, so that each
 *   token travels as its own message; with zero cost the tokens of an answer would travel together and flatter it.
 *   It contains decode's lane, KV pull and join, spread over the 15 further tokens of the answer.
 * - Requests/s: a closed loop of streamed 8-token answers from a generator process; router, stages, Redis and
 *   generator share the machine. `requests_whole_per_s` is the same without streaming.
 * - Lane hop: `add` to handler through Redis, one job at a time. Transfer: pull of a KV cache (8 tensors) or an
 *   embedding (one) from another process.
 * - With the shipped model (`_model_`): the direct side chains the three ONNX engines in this process.
 *
 * How to read it: figures are medians over the runs, which take all measurements in turn. On a machine with
 * other load (see `loadAverage` in the raw result: above the number of cores, processes wait for each other) trust ratios
 * more than figures. The raw result is bench/results/fabric.json.
 *
 * Usage: npm run bench -- fabric [--quick]
 */
import { fabricFigures } from './fabric/figures.ts';
import { measureFabric } from './fabric/measure-fabric.ts';
import { fullParameters, quickParameters } from './fabric/parameters.ts';
import { runBench } from './report/run-bench.ts';

await runBench('fabric', async (redisUrl, quick) => {
  const parameters = quick ? quickParameters : fullParameters;
  const runs = await measureFabric(redisUrl, parameters);
  return { figures: fabricFigures(runs), raw: { parameters, runs } };
});
