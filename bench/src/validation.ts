/**
 * How far the simulator is from the real thing: the live stack (router, encoder, prefill, decode, a process each, real ONNX
 * engines) and the simulator get the same requests at the same times.
 *
 * Measured at 50, 65 and 80 % of the requests a second that the stack answers with 24 in flight, and with 24 in flight:
 * |simulated ÷ live − 1|, the largest of all loads; `_at_LOAD` names each with its sign.
 * - `ttft_p50_error_share`, `ttft_p99_error_share`: from when a request was due to its first token. Targets 0.10 and 0.25.
 * - `tbt_p50_error_share`, `tbt_p99_error_share`: mean gap between the tokens of an answer. The same targets.
 * - `throughput_error_share`: tokens a second, from the first request to the end of the last. Target 0.05. Open loops below saturation
 *   bring what is asked for, so that it is the saturated loop that says something. Of that loop nothing else is a figure: its
 *   times are those of a queue, and hang on which request came when.
 *
 * What the simulator is told, medians over three rounds in which all of it is measured in turn, since the machine is not always alike:
 * 1. profiles of the engines, each alone, as `isotherm profile` measures them;
 * 2. what the fabric takes of a request, a picture, a hand-over and a step, and of the processor, from requests that have the
 *    stack to themselves, and what event loops take of the processor without any;
 * 3. how requests queue, by the live stack's settings: large ones at the router, short ones first at the engines, for so long;
 * 4. from a trace of another seed at each load: processor time of event loops as the kernel counts it, one number; and what
 *    encode, prefill and decode lose beside another thread while there are cores for all, one number each, fitted to the
 *    stages' own times (`crowded`).
 * Nothing of what is compared was used for any of it, and nothing is fitted to a saturated stack.
 *
 * How to read it: the model is a small one of random weights (15 million of vision, 19 of decoder), so that units of work take
 * tens of milliseconds and a minute holds hundreds of requests. Pictures and lengths are drawn as in Azure's trace, lengths divided by
 * 8; arrivals are Poisson. The router's queue and the caches, which the simulator does not have, are switched off. The load
 * generator is on the same cores. A 99th percentile is of a few requests: other traces give others. Run it alone: on a machine that
 * others keep busy the kernel puts threads where another would have been free. About eight minutes; `--only short`: one round of
 * shorter traces, under three.
 * Raw result: bench/results/validation.json, drawn in validation-ttft.svg and validation-tbt.svg (and .png).
 *
 * Usage: npm run bench -- validation [--quick] [--only short]
 */
import { join } from 'node:path';
import type { FileMedium } from '@isotherm/engine';
import { loadTextModel } from '@isotherm/engine/text';
import { repositoryRoot } from './report/repository.ts';
import { type Figures, say } from './report/result.ts';
import { runBench } from './report/run-bench.ts';
import { drawFiles } from './report/svg.ts';
import { dataUrl, loadPictures } from './serving/load/pictures.ts';
import { provideWeighty } from './serving/weighty/provide-weighty.ts';
import { cdfPlot } from './validation/cdf-plot.ts';
import { type RunErrors, worst } from './validation/compare.ts';
import { openEngines } from './validation/engine-profiles.ts';
import { startLiveStack } from './validation/live-stack.ts';
import { liveRounds } from './validation/live-rounds.ts';
import {
  fullValidation,
  middlingShape,
  quickValidation,
  shortValidation,
  type ValidationParameters,
} from './validation/parameters.ts';
import { warmUp } from './validation/replay.ts';
import { rowColumns } from './validation/request-rows.ts';
import type { StackModel } from './validation/simulate-trace.ts';
import { stackModelOf } from './validation/stack-model.ts';
import { saturated, type ValidatedLoad, validateLoads } from './validation/validate-load.ts';

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

/** The loads that the figures without a load in their name are the worst of: up to which the simulator is to be trusted. */
const trustedLoads: readonly string[] = ['50', '65', '80', 'saturated'];

const measure = async (
  redisUrl: string,
  parameters: ValidationParameters,
): Promise<{ readonly model: StackModel; readonly loads: readonly ValidatedLoad[] }> => {
  const { grouped: modelDir } = await provideWeighty(folder, middlingShape, say);
  const text = await loadTextModel(modelDir);
  const imageTokens = text.tokensOf({ kind: 'image', widthPx: 192, heightPx: 192 });
  const engines = await openEngines(modelDir, await pictureOf(imageTokens));
  const stack = await startLiveStack(redisUrl, modelDir);
  try {
    say('warming up');
    await warmUp(stack.http, text, parameters.warmS);
    const seen = await liveRounds({ stack, engines, text }, parameters);
    const model = stackModelOf(seen.rounds);
    say(
      `cores ${model.cores.toFixed(2)}, speeds beside other work ${JSON.stringify(model.crowded)}`,
    );
    say(`fabric ${JSON.stringify(model.fabric)}`);
    return { model, loads: validateLoads(seen, parameters, model) };
  } finally {
    await stack.stop();
    await engines.close();
  }
};

/** Names of figures by the names of errors; of a saturated loop only tokens a second are a figure. */
const figureNames = {
  ttftP50Ms: 'ttft_p50_error_share',
  ttftP99Ms: 'ttft_p99_error_share',
  tbtP50Ms: 'tbt_p50_error_share',
  tbtP99Ms: 'tbt_p99_error_share',
  tokensPerS: 'throughput_error_share',
} as const;

const figuresOfLoads = (loads: readonly ValidatedLoad[]): Figures => {
  const names = Object.entries(figureNames) as [keyof RunErrors, string][];
  const compared = (name: keyof RunErrors) =>
    loads.filter((load) => load.name !== saturated || name === 'tokensPerS');
  return Object.fromEntries(
    names.flatMap(([name, figure]) => [
      [figure, worst(trustedOf(compared(name)), name)],
      ...compared(name).map((load) => [`${figure}_at_${load.name}`, load.errors[name]]),
    ]),
  ) as Figures;
};

const trustedOf = (loads: readonly ValidatedLoad[]): readonly RunErrors[] =>
  loads.flatMap(({ name, errors }) => (trustedLoads.includes(name) ? [errors] : []));

/** Answers are in the rows. */
const rawOf = (load: ValidatedLoad): object => {
  const { name, requestsPerS, live, simulated, errors, roundErrors, failed, lateMaxMs, rows } =
    load;
  const figures = { live, simulated, errors, roundErrors };
  return { name, requestsPerS, ...figures, failed, lateMaxMs, rowColumns, rows };
};

await runBench(
  'validation',
  async (redisUrl, quick, only) => {
    const whole = only === 'short' ? shortValidation : fullValidation;
    const parameters = quick ? quickValidation : whole;
    const { model, loads } = await measure(redisUrl, parameters);
    if (!quick && only === undefined) {
      await drawCurves(loads.filter(({ name }) => name !== saturated));
    }
    return { figures: figuresOfLoads(loads), raw: { parameters, model, loads: loads.map(rawOf) } };
  },
  ['short'],
);
