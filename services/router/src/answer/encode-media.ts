import { routingKey } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import { encodesBesidePrefill } from '@isotherm/policy';
import type { Handle, Timing } from '@isotherm/proto';
import { bytesPayload, type Payload, payloadDigest } from '@isotherm/rpc';
import type { EmbeddingQuery } from '../jobs/held-embeddings.ts';
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
  const payload = payloadOf(medium);
  const digest = await payloadDigest(payload);
  const key = routingKey(digest);
  const held = await flow.embeddings.lease({ ...leaseOf(flow, medium), digest, key }, signal);
  if (held !== undefined) {
    flow.held.push(held.result);
    const { instance, totalMs } = held;
    flow.records.of(flow.request.id).note('embedding_leased', { instance, tokens, totalMs });
    flow.stages.push({ stage: 'encode', instance, totalMs, tokens, timing: timingOfLease(tokens) });
    return held.result;
  }
  const kept = keep(flow, payload, digest);
  let timing: Timing | null = null;
  try {
    const { result, instance, totalMs } = await flow.desk.run<Handle>(
      {
        ...workBase(flow),
        stage: 'encode',
        tokens: loadOf(flow, 'encode', [medium]),
        cacheKeys: [key],
        ...besidePrompt(flow),
        hedged: true,
        attempted: (at) => flow.embeddings.attempted(at, key),
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

/** Where few or small media are best encoded, if there is such a place. */
const besidePrompt = ({ request, colocate }: Flow): { readonly beside?: 'prefill' } => {
  const tokens = request.media.map((medium) => medium.tokens);
  return encodesBesidePrefill(tokens, colocate) ? { beside: 'prefill' } : {};
};

const leaseOf = (
  flow: Flow,
  { modality, tokens }: AdmittedMedium,
): Omit<EmbeddingQuery, 'digest' | 'key'> => {
  const { request, routerId } = flow;
  const { id: requestId, model, deadlineMs } = request;
  const { contextTokens } = workBase(flow);
  return { requestId, routerId, model, modality, tokens, deadlineMs, contextTokens };
};

const timingOfLease = (cachedTokens: number): Timing => ({
  laneWaitMs: 0,
  pullMs: 0,
  queueMs: 0,
  engineMs: 0,
  batch: 1,
  cachedTokens,
});

const payloadOf = (medium: AdmittedMedium): Payload =>
  medium.kind === 'file' ? bytesPayload(medium.bytes) : framesPayload(medium.frames);

/** A tensor of bytes for each frame. */
const framesPayload = (frames: readonly Uint8Array[]): Payload => ({
  tensors: frames.flatMap((frame) => bytesPayload(frame).tensors),
  attributes: { kind: 'frames' },
});
