import type { Embedding, Grammar, PrefillEngine, PrefillInput, Sampling } from '@isotherm/engine';
import { Fault } from '@isotherm/kernel';
import type { Handle, PrefillEventInput, PrefillJob } from '@isotherm/proto';
import { type Payload, pull } from '@isotherm/rpc';
import type { JobContext } from '@isotherm/stage';

/** Pulls what a prompt is run from. */
export interface InputPuller {
  /** The prompt, and those of its embeddings that the engine's prefix cache does not make unnecessary. */
  input(): Promise<PrefillInput>;
  /** The same with all embeddings. */
  wholeInput(): Promise<PrefillInput>;
}

export interface InputPullerOptions {
  readonly engine: Pick<PrefillEngine, 'prefixes'>;
  readonly payloadBytesMax: number;
}

export const createInputPuller = (
  job: PrefillJob,
  context: JobContext<PrefillEventInput>,
  { engine, payloadBytesMax: bytesMax }: InputPullerOptions,
): InputPuller => {
  const { deadlineMs } = job;
  const { signal, given } = context;
  const options = { deadlineMs, bytesMax, signal, given };
  const embedding = (handle: Handle): Promise<Embedding> => pullEmbedding(handle, context, options);
  const prompt = async (): Promise<PrefillInput> => {
    if (job.prompt === null) throw new Fault('internal', 'A prefill job came without a prompt.');
    const { tokenIds, sampling, grammar } = readPrompt(
      await pull(context.peers, job.prompt, options),
    );
    const media = job.embeddings.map(({ digest: key, tokens }) => ({ key, tokens }));
    return { tokenIds, embeddings: [], sampling, grammar, tokenIndex: job.generatedTokens, media };
  };
  const whole = async (): Promise<PrefillInput> => {
    const [input, ...embeddings] = await Promise.all([prompt(), ...job.embeddings.map(embedding)]);
    return { ...input, embeddings };
  };
  const { prefixes } = engine;
  return {
    wholeInput: whole,
    input: async () => {
      // While nothing is held, nothing is to be gained by looking at the prompt first.
      if (
        prefixes === undefined ||
        job.embeddings.length === 0 ||
        prefixes.status().entries === 0
      ) {
        return whole();
      }
      const input = await prompt();
      const held = prefixes.heldMedia(input);
      const unneeded = job.embeddings.slice(0, held).map((): Embedding => []);
      const pulled = await Promise.all(job.embeddings.slice(held).map(embedding));
      return { ...input, embeddings: [...unneeded, ...pulled] };
    },
  };
};

/** An embedding that cannot be had is named by its lease, so that the router makes it again. */
const pullEmbedding = async (
  handle: Handle,
  context: JobContext<PrefillEventInput>,
  options: Parameters<typeof pull>[2],
): Promise<Embedding> => {
  try {
    const { tensors } = await pull(context.peers, handle, options);
    if (tensors.length === 0) throw new Fault('internal', 'An embedding came without a tensor.');
    return tensors;
  } catch (error) {
    const fault = Fault.from(error);
    if (fault.code !== 'unavailable' && fault.code !== 'not_found') throw fault;
    throw new Fault('not_found', `The embedding at ${handle.ownerId} is gone: ${fault.message}`, {
      param: handle.leaseId,
      cause: fault,
    });
  }
};

/** Prompt payload: one int32 tensor of token ids; the attributes `sampling` and `grammar` are JSON. */
const readPrompt = (payload: Payload): Pick<PrefillInput, 'tokenIds' | 'sampling' | 'grammar'> => {
  const tokenIds = payload.tensors[0]?.data;
  if (!(tokenIds instanceof Int32Array))
    throw new Fault('internal', 'A prompt came without tokens.');
  const { sampling = '{}', grammar } = payload.attributes;
  return {
    tokenIds,
    sampling: JSON.parse(sampling) as Sampling,
    grammar: grammar === undefined ? undefined : (JSON.parse(grammar) as Grammar),
  };
};
