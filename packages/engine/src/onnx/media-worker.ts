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
    const response = await Promise.all(files.map(prepare));
    const transfer = response.flatMap((outcome) =>
      outcome.kind === 'done' ? [outcome.value.data.buffer as ArrayBuffer] : [],
    );
    return { response, transfer };
  },
});
