import { invariant } from '@isotherm/kernel';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { loadGrammars, type Grammars } from '../grammar/grammars.ts';
import { resumeTokenChooser } from '../sampling/token-chooser.ts';
import { loadTokenVocabulary } from '../text/token-vocabulary.ts';
import { type Handlers, serveCalls } from '../thread/serve-calls.ts';
import { chooseRunner, runners } from './choose-runner.ts';
import { createDecodeBatch, type DecodeBatch } from './decode-batch.ts';
import type { DecodeCalls } from './decode-calls.ts';
import { loadDecoderGraph } from './decoder-graph.ts';
import { createStepsAhead, type StepsAhead } from './steps-ahead.ts';

// Worker thread: steps the running batch.

let batch: DecodeBatch | undefined;
let ahead: StepsAhead | undefined;
let grammars: Grammars | undefined;

const loaded = (): { readonly batch: DecodeBatch; readonly ahead: StepsAhead } => {
  invariant(batch !== undefined && ahead !== undefined, 'load comes first');
  return { batch, ahead };
};

const handlers: Handlers<DecodeCalls> = {
  load: async (options) => {
    const folder = await readModelFolder(options.modelDir);
    grammars = await loadGrammars(() => loadTokenVocabulary(folder));
    const graph = await loadDecoderGraph(folder, options);
    const { endOfTextTokens } = folder.facts(options.precision);
    const { slots, contextMax } = options;
    const runner =
      options.runner === undefined ? await chooseRunner(graph) : runners[options.runner];
    batch = createDecodeBatch(graph, runner, {
      slots,
      contextMax,
      kvTokensMax: options.kvTokensMax,
      endOfTextTokens,
    });
    ahead = createStepsAhead(batch, {
      stepsMax: options.stepsAheadMax,
      togetherMs: options.stepsTogetherMs,
    });
    return { response: runner.kind };
  },
  join: async ({ sequence, start }) => {
    invariant(grammars !== undefined, 'load comes first');
    const { batch, ahead } = loaded();
    batch.join(sequence, start, await resumeTokenChooser(start, grammars));
    ahead.joined();
    return { response: null };
  },
  leave: (sequence) => {
    const { batch, ahead } = loaded();
    batch.leave(sequence);
    ahead.left(sequence);
    return { response: null };
  },
  step: async ({ alone }) => ({ response: await loaded().ahead.step(alone) }),
};

serveCalls(handlers, async () => (await ahead?.advance()) ?? false);
