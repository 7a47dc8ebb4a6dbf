import { Fault } from '@isotherm/kernel';
import type { Handle, Prefilled } from '@isotherm/proto';
import { encodeAgain } from './encode-media.ts';
import { asClientFault, envelope, type Flow, keep, loadOf, waitToRetry, workBase } from './flow.ts';

export interface PrefillResult {
  readonly prefilled: Prefilled;
  /** The embeddings that were used: some may have been made again. */
  readonly embeddings: readonly Handle[];
}

/**
 * Prefills the prompt and the tokens generated so far. An embedding that is gone with its encoder is made again.
 */
export const prefillPrompt = async (
  flow: Flow,
  given: readonly Handle[],
  signal: AbortSignal,
): Promise<PrefillResult> => {
  let embeddings = given;
  for (let tries = 1; ; tries++) {
    try {
      return { prefilled: await prefill(flow, embeddings, signal), embeddings };
    } catch (error) {
      const fault = Fault.from(error);
      if (fault.code !== 'not_found' || signal.aborted) throw fault;
      await waitToRetry(flow, tries, asClientFault(fault), signal);
      flow.records.of(flow.request.id).note('encoding_again', { attempt: tries });
      embeddings = await encodeAgain(flow, embeddings, fault.param, signal);
    }
  }
};

const prefill = async (
  flow: Flow,
  embeddings: readonly Handle[],
  signal: AbortSignal,
): Promise<Prefilled> => {
  const { request, generated } = flow;
  const tokenIds = joined(request.tokenIds, generated);
  const tokens = tokenIds.length;
  const media = embeddings.map(({ digest: key, tokens: rows }) => ({ key, tokens: rows }));
  const prefix = { tokenIds, generatedTokens: generated.length, media };
  const cacheKeys = await flow.prefixKeys(request.model, prefix);
  const prompt = keep(flow, {
    tensors: [{ name: 'token_ids', dataType: 'int32', shape: [tokens], data: tokenIds }],
    attributes: {
      sampling: JSON.stringify(request.sampling),
      ...(request.grammar !== undefined && { grammar: JSON.stringify(request.grammar) }),
    },
  });
  try {
    const { result, instance, totalMs } = await flow.desk.run<Prefilled>(
      {
        ...workBase(flow),
        stage: 'prefill',
        tokens: loadOf(flow, 'prefill'),
        cacheKeys,
        inputs: embeddings,
        payloads: [prompt.leased],
        command: (jobId) => ({
          ...envelope(flow, jobId),
          prompt: prompt.handle,
          embeddings,
          promptTokens: tokens,
          generatedTokens: generated.length,
        }),
        hear: (event) => (event.kind === 'prefilled' ? event.value : undefined),
      },
      signal,
    );
    flow.stages.push({ stage: 'prefill', instance, totalMs, tokens, timing: result.timing });
    return result;
  } finally {
    prompt.release();
  }
};

/** A long prompt is not copied for nothing: nobody changes it. */
const joined = (prompt: Int32Array, generated: readonly number[]): Int32Array => {
  if (generated.length === 0) return prompt;
  const tokenIds = new Int32Array(prompt.length + generated.length);
  tokenIds.set(prompt);
  tokenIds.set(generated, prompt.length);
  return tokenIds;
};
