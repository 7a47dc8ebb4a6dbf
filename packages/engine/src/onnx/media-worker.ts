import { invariant } from '@isotherm/kernel';
import sharp from 'sharp';
import { decodeImage } from '../media/decode-image.ts';
import { type ImageProcessor, loadImageProcessor } from '../media/image-processor.ts';
import { toFaultRecord } from '../thread/protocol.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import type { MediaCalls, OutcomeRecord, Picture } from './vision-calls.ts';

// Worker thread: decodes image files and applies the model's image processor.

// The pictures of a batch already keep the cores busy; a cache of files would only grow.
sharp.cache(false);
sharp.concurrency(1);

/** Pictures decoded side by side; each may take a few hundred megabytes at the largest size that is accepted. */
const decodedAtOnce = 2;

let processor: ImageProcessor | undefined;

const prepare = async (bytes: Uint8Array): Promise<OutcomeRecord<Picture>> => {
  try {
    invariant(processor !== undefined, 'load comes first');
    return { kind: 'done', value: await processor(await decodeImage(bytes)) };
  } catch (thrown) {
    return { kind: 'failed', fault: toFaultRecord(thrown) };
  }
};

serveCalls<MediaCalls>({
  load: async ({ modelDir }) => {
    processor = await loadImageProcessor(modelDir);
    return { response: null };
  },
  prepare: async (files) => {
    const response: OutcomeRecord<Picture>[] = [];
    for (let at = 0; at < files.length; at += decodedAtOnce) {
      response.push(...(await Promise.all(files.slice(at, at + decodedAtOnce).map(prepare))));
    }
    const transfer = response.flatMap((outcome) =>
      outcome.kind === 'done' ? [outcome.value.data.buffer as ArrayBuffer] : [],
    );
    return { response, transfer };
  },
});
