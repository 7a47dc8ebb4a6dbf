import { invariant } from '@isotherm/kernel';
import type { Embedding } from '../contract.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { toFaultRecord } from '../thread/protocol.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import { bufferOf } from './owned-tensor.ts';
import type { OutcomeRecord, PreparedMedium, EncoderCalls } from './encode-calls.ts';
import { loadEncoderGraph, type EncoderGraph } from './encoder-graph.ts';

// Worker thread: runs the vision graph.

let vision: EncoderGraph | undefined;

const encode = async (
  pictures: readonly PreparedMedium[],
): Promise<readonly OutcomeRecord<Embedding>[]> => {
  invariant(vision !== undefined, 'load comes first');
  try {
    return (await vision(pictures)).map((value) => ({ kind: 'done', value }));
  } catch (thrown) {
    if (pictures.length === 1) return [{ kind: 'failed', fault: toFaultRecord(thrown) }];
    // One picture must not take its neighbours along: each is tried alone.
    const outcomes: OutcomeRecord<Embedding>[] = [];
    for (const picture of pictures) outcomes.push(...(await encode([picture])));
    return outcomes;
  }
};

serveCalls<EncoderCalls>({
  load: async (options) => {
    vision = await loadEncoderGraph(await readModelFolder(options.modelDir), options);
    return { response: null };
  },
  encode: async (pictures) => {
    const response = await encode(pictures);
    const transfer = response.flatMap((outcome) =>
      outcome.kind === 'done' ? outcome.value.map(bufferOf) : [],
    );
    return { response, transfer };
  },
});
