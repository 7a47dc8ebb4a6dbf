import { invariant } from '@isotherm/kernel';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { loadGrammars, type Grammars } from '../grammar/grammars.ts';
import { resumeTokenChooser } from '../sampling/token-chooser.ts';
import { loadTokenVocabulary } from '../text/token-vocabulary.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import { chooseRunner, runners } from './choose-runner.ts';
import { createDecodeBatch, type DecodeBatch } from './decode-batch.ts';
import type { DecodeCalls } from './decode-calls.ts';
import { loadDecoderGraph } from './decoder-graph.ts';

// Worker thread: steps the running batch.

let batch: DecodeBatch | undefined;
let grammars: Grammars | undefined;

const loaded = (): DecodeBatch => {
  invariant(batch !== undefined, 'load comes first');
  return batch;
};

serveCalls<DecodeCalls>({
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
    return { response: runner.kind };
  },
  join: async ({ sequence, start }) => {
    invariant(grammars !== undefined, 'load comes first');
    loaded().join(sequence, start, await resumeTokenChooser(start, grammars));
    return { response: null };
  },
  leave: (sequence) => {
    loaded().leave(sequence);
    return { response: null };
  },
  step: async () => ({ response: await loaded().step() }),
});
