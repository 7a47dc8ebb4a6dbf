/**
 * How far the simulator is from the real thing: the live stack (router, encoder, prefill, decode, a process each, real ONNX
 * engines) and the simulator get the same requests at the same times.
 *
 * Measured, as the largest of all loads, |simulated ÷ live − 1|:
 * - `ttft_p50_error_share`, `ttft_p99_error_share`: from when a request was due to its first token. Targets 0.10 and 0.25.
 * - `tbt_p50_error_share`, `tbt_p99_error_share`: mean gap between the tokens of an answer. The same targets.
 * - `throughput_error_share`: tokens a second, from the first request to the end of the last. Target 0.05. The loop is open, so as long
 *   as nothing piles up it is what is asked for; beyond that it is what can be done.
 *
 * What the simulator is told, in this order, at each load anew, since the machine is not always alike:
 * 1. profiles of the engines, each alone, as `isotherm profile` measures them, in three rounds;
 * 2. what the fabric takes of a request, a picture, a hand-over and a step, and of the processor, from requests that have the
 *    stack to themselves;
 * 3. from a trace of another seed at each load: what hops take while engines work (medians of the time that requests spent at no
 *    stage), and how fast encode, prefill and decode are while others work on the same two cores, one number each, fitted
 *    to the stages' own times (`crowded`). What is compared was not used for any of it.
 *
 * How to read it: the model is a small one of random weights (15 million of vision, 19 of decoder), so that units of work take
 * tens of milliseconds and a minute holds hundreds of requests. Pictures and lengths are drawn as in Azure's trace, lengths divided by
 * 8; arrivals are Poisson. Loads are shares of what the simulator can do at once. The router's queue and the caches, which the
 * simulator does not have, are switched off. The load generator is on the same cores. A 99th percentile is of a few requests: other
 * traces give others. Run it alone: about six minutes.
 * Raw result: bench/results/validation.json, drawn in validation-ttft.svg and validation-tbt.svg (and .png).
 *
 * Usage: npm run bench -- validation [--quick]
 */
import { join } from 'node:path';
import type { FileMedium } from '@isotherm/engine';
import { loadTextModel } from '@isotherm/engine/text';
import { repositoryRoot } from './report/repository.ts';
import { say } from './report/result.ts';
import { runBench } from './report/run-bench.ts';
import { drawFiles } from './report/svg.ts';
import { dataUrl, loadPictures } from './serving/load/pictures.ts';
import { provideWeighty } from './serving/weighty/provide-weighty.ts';
import { cdfPlot } from './validation/cdf-plot.ts';
import { worst } from './validation/compare.ts';
import { openEngines } from './validation/engine-profiles.ts';
import { startLiveStack } from './validation/live-stack.ts';
import { fullValidation, middlingShape, quickValidation } from './validation/parameters.ts';
import { warmUp } from './validation/replay.ts';
import { requestRows, rowColumns } from './validation/request-rows.ts';
import { type ValidatedLoad, validateLoads } from './validation/validate-load.ts';

const folder = join(repositoryRoot, '.isotherm', 'bench', 'middling');

const pictureOf = async (tokens: number): Promise<FileMedium> => {
  const [picture] = await loadPictures(1, middlingShape.vision.imagePx);
  const url = picture === undefined ? '' : await dataUrl(picture);
  const bytes = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  return { kind: 'file', modality: 'image', bytes, tokens };
};

const drawCurves = async (loads: readonly ValidatedLoad[]): Promise<void> => {
  const plots = { ttft: 'first token', tbt: 'each further token' } as const;
  for (const [name, of] of Object.entries(plots)) {
    const file = join(repositoryRoot, 'bench', 'results', `validation-${name}`);
    await drawFiles(file, cdfPlot(loads, of));
  }
};

await runBench('validation', async (redisUrl, quick) => {
  const parameters = quick ? quickValidation : fullValidation;
  const { grouped: modelDir } = await provideWeighty(folder, middlingShape, say);
  const text = await loadTextModel(modelDir);
  const imageTokens = text.tokensOf({ kind: 'image', widthPx: 192, heightPx: 192 });
  const engines = await openEngines(modelDir, await pictureOf(imageTokens));
  const stack = await startLiveStack(redisUrl, modelDir);
  const loads: ValidatedLoad[] = [];
  try {
    say('warming up');
    await warmUp(stack.http, text, parameters.warmS);
    loads.push(...(await validateLoads({ stack, engines, text }, parameters)));
  } finally {
    await stack.stop();
    await engines.close();
  }
  if (!quick) await drawCurves(loads);
  const errors = loads.map(({ errors: own }) => own);
  const figures = {
    ttft_p50_error_share: worst(errors, 'ttftP50Ms'),
    ttft_p99_error_share: worst(errors, 'ttftP99Ms'),
    tbt_p50_error_share: worst(errors, 'tbtP50Ms'),
    tbt_p99_error_share: worst(errors, 'tbtP99Ms'),
    throughput_error_share: worst(errors, 'tokensPerS'),
  };
  const raw = loads.map(({ requests, atMs, answers, simulatedAnswers, ...load }) => {
    return { ...load, rowColumns, rows: requestRows(requests, atMs, answers, simulatedAnswers) };
  });
  return { figures, raw: { parameters, loads: raw } };
});
