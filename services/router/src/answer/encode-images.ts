import { Fault } from '@isotherm/kernel';
import type { Handle, Timing } from '@isotherm/proto';
import { bytesPayload } from '@isotherm/rpc';
import type { AdmittedImage } from './admitted-request.ts';
import { envelope, type Flow, keep, workBase } from './flow.ts';

/** Encodes all images of a request at once; when one fails the others are cancelled. */
export const encodeImages = async (flow: Flow, signal: AbortSignal): Promise<readonly Handle[]> => {
  const { images } = flow.request;
  if (images.length === 0) return [];
  const controller = new AbortController();
  const own = AbortSignal.any([signal, controller.signal]);
  const runs = images.map((image) => encodeImage(flow, image, own));
  try {
    return await Promise.all(runs);
  } catch (error) {
    controller.abort(Fault.from(error));
    await Promise.allSettled(runs);
    throw error;
  }
};

/**
 * Makes an embedding again that its encoder no longer has, and with it all others of that encoder: what took one away
 * took them all, and finding out one at a time would use up the attempts.
 */
export const encodeAgain = (
  flow: Flow,
  embeddings: readonly Handle[],
  leaseId: string | undefined,
  signal: AbortSignal,
): Promise<readonly Handle[]> => {
  const gone = embeddings.find((embedding) => embedding.leaseId === leaseId);
  return Promise.all(
    embeddings.map(async (embedding, index) => {
      const image = flow.request.images[index];
      if (embedding.ownerId !== gone?.ownerId || image === undefined) return embedding;
      return encodeImage(flow, image, signal);
    }),
  );
};

const encodeImage = async (
  flow: Flow,
  image: AdmittedImage,
  signal: AbortSignal,
): Promise<Handle> => {
  const { tokens, param } = image;
  const media = keep(flow, bytesPayload(image.bytes));
  let timing: Timing | null = null;
  try {
    const { result, instance, totalMs } = await flow.desk.run<Handle>(
      {
        ...workBase(flow),
        stage: 'encode',
        tokens,
        command: (jobId) => ({
          ...envelope(flow, jobId),
          media: media.handle,
          modality: 'image',
          tokens,
          param,
        }),
        hear: (event) => {
          if (event.kind !== 'encoded' || event.value.embedding === null) return undefined;
          timing = event.value.timing;
          return event.value.embedding;
        },
      },
      signal,
    );
    flow.held.push(result);
    flow.stages.push({ stage: 'encode', instance, totalMs, tokens, timing });
    return result;
  } finally {
    media.release();
  }
};
