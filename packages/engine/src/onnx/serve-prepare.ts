import { invariant } from '@isotherm/kernel';
import type { Modality } from '../contract.ts';
import { tensorDigest } from '../media/content-key.ts';
import type { PrepareMedium } from '../media/prepare-image.ts';
import { toFaultRecord } from '../thread/protocol.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import type {
  OutcomeRecord,
  PrepareCalls,
  PreparedMedium,
  PrepareOptions,
} from './encode-calls.ts';

/** Answers the calls of a thread that prepares media of one modality, `atOnce` of them side by side. */
export const servePrepare = (
  modality: Modality,
  atOnce: number,
  load: (options: PrepareOptions) => Promise<PrepareMedium>,
): void => {
  let prepare: PrepareMedium | undefined;

  const prepareOne = async (
    medium: Parameters<PrepareMedium>[0],
  ): Promise<OutcomeRecord<PreparedMedium>> => {
    try {
      invariant(prepare !== undefined, 'load comes first');
      const prepared = await prepare(medium);
      return { kind: 'done', value: { modality, ...prepared, digest: tensorDigest(prepared) } };
    } catch (thrown) {
      return { kind: 'failed', fault: toFaultRecord(thrown) };
    }
  };

  serveCalls<PrepareCalls>({
    load: async (options) => {
      prepare = await load(options);
      return { response: null };
    },
    prepare: async (media) => {
      const response: OutcomeRecord<PreparedMedium>[] = [];
      for (let at = 0; at < media.length; at += atOnce) {
        response.push(...(await Promise.all(media.slice(at, at + atOnce).map(prepareOne))));
      }
      const transfer = response.flatMap((outcome) =>
        outcome.kind === 'done' ? [outcome.value.data.buffer as ArrayBuffer] : [],
      );
      return { response, transfer };
    },
  });
};
