import { Fault, invariant } from '@isotherm/kernel';
import sharp from 'sharp';
import type { Medium } from '../contract.ts';
import { tensorDigest } from '../media/content-key.ts';
import { decodeImage } from '../media/decode-image.ts';
import { type ImageProcessor, loadImageProcessor } from '../media/image-processor.ts';
import { encoderDigest } from '../model-folder/model-digest.ts';
import { toFaultRecord } from '../thread/protocol.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import type { MediaCalls, OutcomeRecord, PreparedMedium } from './encode-calls.ts';

// Worker thread: decodes media and applies the model's processors.

// The pictures of a batch already keep the cores busy; a cache of files would only grow.
sharp.cache(false);
sharp.concurrency(1);

/** Media decoded side by side; each may take a few hundred megabytes at the largest size that is accepted. */
const decodedAtOnce = 2;

let processor: ImageProcessor | undefined;

const prepare = async (medium: Medium): Promise<OutcomeRecord<PreparedMedium>> => {
  try {
    invariant(processor !== undefined, 'load comes first');
    if (medium.kind !== 'file' || medium.modality !== 'image') {
      throw new Fault('unsupported', `The encoder takes images only, not ${medium.modality}.`);
    }
    const pixels = await processor(await decodeImage(medium.bytes));
    return { kind: 'done', value: { modality: 'image', ...pixels, digest: tensorDigest(pixels) } };
  } catch (thrown) {
    return { kind: 'failed', fault: toFaultRecord(thrown) };
  }
};

serveCalls<MediaCalls>({
  load: async ({ modelDir, precision }) => {
    processor = await loadImageProcessor(modelDir);
    return { response: { modelDigest: await encoderDigest(modelDir, precision) } };
  },
  prepare: async (media) => {
    const response: OutcomeRecord<PreparedMedium>[] = [];
    for (let at = 0; at < media.length; at += decodedAtOnce) {
      response.push(...(await Promise.all(media.slice(at, at + decodedAtOnce).map(prepare))));
    }
    const transfer = response.flatMap((outcome) =>
      outcome.kind === 'done' ? [outcome.value.data.buffer as ArrayBuffer] : [],
    );
    return { response, transfer };
  },
});
