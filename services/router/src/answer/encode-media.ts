import { Fault } from '@isotherm/kernel';
import type { Handle, Timing } from '@isotherm/proto';
import { bytesPayload, type Payload } from '@isotherm/rpc';
import type { AdmittedMedium } from './admitted-request.ts';
import { envelope, type Flow, keep, loadOf, workBase } from './flow.ts';

/** Encodes all media of a request at once; when one fails the others are cancelled. */
export const encodeMedia = async (flow: Flow, signal: AbortSignal): Promise<readonly Handle[]> => {
  const { media } = flow.request;
  if (media.length === 0) return [];
  const controller = new AbortController();
  const own = AbortSignal.any([signal, controller.signal]);
  const runs = media.map((medium) => encodeMedium(flow, medium, own));
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
      const medium = flow.request.media[index];
      if (embedding.ownerId !== gone?.ownerId || medium === undefined) return embedding;
      return encodeMedium(flow, medium, signal);
    }),
  );
};

const encodeMedium = async (
  flow: Flow,
  medium: AdmittedMedium,
  signal: AbortSignal,
): Promise<Handle> => {
  const { tokens, param, modality } = medium;
  const kept = keep(flow, payloadOf(medium));
  let timing: Timing | null = null;
  try {
    const { result, instance, totalMs } = await flow.desk.run<Handle>(
      {
        ...workBase(flow),
        stage: 'encode',
        tokens: loadOf(flow, 'encode', [medium]),
        command: (jobId) => ({
          ...envelope(flow, jobId),
          media: kept.handle,
          modality,
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
    kept.release();
  }
};

const payloadOf = (medium: AdmittedMedium): Payload =>
  medium.kind === 'file' ? bytesPayload(medium.bytes) : framesPayload(medium.frames);

/** A tensor of bytes for each frame. */
const framesPayload = (frames: readonly Uint8Array[]): Payload => ({
  tensors: frames.flatMap((frame) => bytesPayload(frame).tensors),
  attributes: { kind: 'frames' },
});
