import { invariant } from '@isotherm/kernel';
import type { Embedding, Modality } from '../contract.ts';
import { encoderDigest } from '../model-folder/model-digest.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { toFaultRecord } from '../thread/protocol.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import { bufferOf } from './owned-tensor.ts';
import type { OutcomeRecord, PreparedMedium, EncoderCalls } from './encode-calls.ts';
import { loadEncoderGraph, type EncoderGraph } from './encoder-graph.ts';

// Worker thread: runs the encoder graphs of all modalities, one batch at a time.

const graphs = new Map<Modality, EncoderGraph>();

const encode = async (
  media: readonly PreparedMedium[],
): Promise<readonly OutcomeRecord<Embedding>[]> => {
  const [first] = media;
  const graph = first && graphs.get(first.modality);
  invariant(graph !== undefined, 'load comes first');
  try {
    return (await graph(media)).map((value) => ({ kind: 'done', value }));
  } catch (thrown) {
    if (media.length === 1) return [{ kind: 'failed', fault: toFaultRecord(thrown) }];
    // One medium must not take its neighbours along: each is tried alone.
    const outcomes: OutcomeRecord<Embedding>[] = [];
    for (const medium of media) outcomes.push(...(await encode([medium])));
    return outcomes;
  }
};

serveCalls<EncoderCalls>({
  load: async (options) => {
    const folder = await readModelFolder(options.modelDir);
    for (const modality of folder.facts(options.precision).modalities) {
      graphs.set(modality, await loadEncoderGraph(folder, modality, options));
    }
    return { response: { modelDigest: await encoderDigest(options.modelDir, options.precision) } };
  },
  encode: async (media) => {
    const response = await encode(media);
    const transfer = response.flatMap((outcome) =>
      outcome.kind === 'done' ? outcome.value.map(bufferOf) : [],
    );
    return { response, transfer };
  },
});
