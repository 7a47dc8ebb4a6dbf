import { Fault } from '@isotherm/kernel';
import type { Medium, Modality } from '../contract.ts';
import type { MediaLimits } from '../media/media-limits.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { createExpendableWorker } from '../thread/expendable-worker.ts';
import { createLateWorker } from '../thread/late-worker.ts';
import { toFaultRecord } from '../thread/protocol.ts';
import { startWorker, type WorkerClient, workerModule } from '../thread/worker-client.ts';
import type { OutcomeRecord, PrepareCalls, PreparedMedium } from './encode-calls.ts';
import type { Supervised } from './engine-options.ts';

/** The threads that turn media files into what the graphs take: one for each modality of the model. */
export interface MediaThreads extends Supervised {
  /** One outcome for each medium, in order; the bytes of the media are given away. */
  prepare(
    media: readonly Medium[],
    signal: AbortSignal,
  ): Promise<readonly OutcomeRecord<PreparedMedium>[]>;
  close(): Promise<void>;
}

type PrepareThread = Pick<WorkerClient<PrepareCalls>, 'call' | 'close'>;

/**
 * Starts the thread of pictures; those of sounds and clips start when the first one comes, since many instances never see
 * any and each takes half a second and tens of megabytes. A clip that takes seconds holds up no picture, since each modality has a thread of its own. Sounds
 * go through decoders in WebAssembly, whose thread can be ended when a file hangs it; the native decoders of pictures
 * and clips must be left to finish, and are bounded by sizes instead.
 */
export const startMediaThreads = async (
  modelDir: string,
  limits: MediaLimits,
): Promise<MediaThreads> => {
  const folder = await readModelFolder(modelDir);
  const load = async (worker: WorkerClient<PrepareCalls>): Promise<void> => {
    await worker.call('load', { modelDir, limits });
  };
  const image = startWorker<PrepareCalls>(workerModule('image-worker', import.meta.url));
  const video =
    folder.video && createLateWorker(workerModule('video-worker', import.meta.url), load);
  const audio =
    folder.audio &&
    createExpendableWorker<PrepareCalls>({
      module: workerModule('audio-worker', import.meta.url),
      prepare: load,
      callMsMax: limits.audio.decodeMsMax,
      broken: `The sound cannot be decoded: it broke the decoder, or took longer than ${limits.audio.decodeMsMax} ms.`,
    });
  const close = async (): Promise<void> => {
    await Promise.all([image.close(), video?.close(), audio?.close()]);
  };
  try {
    await load(image);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const threads: Readonly<Record<Modality, PrepareThread | undefined>> = { image, audio, video };
  return {
    prepare: async (media, signal) => {
      const outcomes: OutcomeRecord<PreparedMedium>[] = [];
      const runs = groupsOf(media).map(async ({ modality, places }) => {
        const group = places.flatMap((place) => media[place] ?? []);
        const prepared = await prepareGroup(threads[modality], group, signal);
        places.forEach((place, index) => {
          outcomes[place] = prepared[index] ?? missing(modality);
        });
      });
      await Promise.all(runs);
      return outcomes;
    },
    failed: Promise.race([image.failed, ...(video === undefined ? [] : [video.failed])]),
    close,
  };
};

interface MediaGroup {
  readonly modality: Modality;
  readonly places: readonly number[];
}

/** Pictures go together, as their thread has two in hand; a sound or a clip may fail its whole call, so goes alone. */
const groupsOf = (media: readonly Medium[]): readonly MediaGroup[] => {
  const images = media.flatMap(({ modality }, place) => (modality === 'image' ? [place] : []));
  const others = media.flatMap(({ modality }, place) =>
    modality === 'image' ? [] : [{ modality, places: [place] }],
  );
  return images.length === 0 ? others : [{ modality: 'image', places: images }, ...others];
};

const missing = (modality: Modality): OutcomeRecord<PreparedMedium> => ({
  kind: 'failed',
  fault: toFaultRecord(new Fault('unsupported', `This model takes no ${modality}.`)),
});

const prepareGroup = async (
  thread: PrepareThread | undefined,
  media: readonly Medium[],
  signal: AbortSignal,
): Promise<readonly OutcomeRecord<PreparedMedium>[]> => {
  if (thread === undefined) return [];
  const files = media.flatMap((medium) =>
    medium.kind === 'file' ? [medium.bytes] : medium.frames,
  );
  const transfer = files.map((file) => file.buffer as ArrayBuffer);
  try {
    return await thread.call('prepare', media, { signal, transfer });
  } catch (thrown) {
    const fault = Fault.from(thrown);
    // A sound that broke its thread fails alone; anything else concerns the whole batch.
    if (fault.code !== 'invalid_argument') throw thrown;
    return media.map(() => ({ kind: 'failed', fault: toFaultRecord(fault) }));
  }
};
