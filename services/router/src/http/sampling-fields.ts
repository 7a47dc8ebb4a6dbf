import { z } from 'zod';
import type { SamplingRequest } from '../answer/chat.ts';
import { samplingBounds, stopBounds } from '../answer/sampling-bounds.ts';

const ranged = ({ min, max }: { readonly min: number; readonly max: number }) =>
  z.number().min(min).max(max).nullish();
const stop = z
  .string()
  .min(1)
  .max(stopBounds.charactersMax)
  .refine((text) => !/\p{Surrogate}/u.test(text), 'must be whole characters');

/** Fields of a body that say how tokens are chosen: OpenAI's, and `top_k`, `min_p`, `repetition_penalty` as vLLM's. */
export const samplingFields = {
  temperature: ranged(samplingBounds.temperature),
  top_p: z.number().gt(0).max(1).nullish(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .nullish(),
  // vLLM's clients write -1 for all.
  top_k: z.int().min(-1).max(samplingBounds.topK.max).nullish(),
  min_p: ranged(samplingBounds.minP),
  repetition_penalty: z.number().gt(0).max(samplingBounds.repetitionPenalty.max).nullish(),
  presence_penalty: ranged(samplingBounds.presencePenalty),
  frequency_penalty: ranged(samplingBounds.frequencyPenalty),
  logit_bias: z
    .record(
      z.string(),
      z.number().min(samplingBounds.logitBias.min).max(samplingBounds.logitBias.max),
    )
    .refine(
      (biases) => Object.keys(biases).length <= samplingBounds.logitBias.entriesMax,
      `must have at most ${samplingBounds.logitBias.entriesMax} entries`,
    )
    .refine(
      (biases) => Object.keys(biases).every((key) => /^(?:0|[1-9]\d{0,9})$/.test(key)),
      'keys must be token ids',
    )
    .nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(samplingBounds.topLogprobs.max).nullish(),
  stop: z.union([stop, z.array(stop).max(stopBounds.countMax)]).nullish(),
} as const;

const fields = z.object(samplingFields);

export const samplingOfBody = (body: z.infer<typeof fields>): SamplingRequest => ({
  temperature: body.temperature ?? 0,
  topP: body.top_p ?? 1,
  topK: Math.max(0, body.top_k ?? 0),
  minP: body.min_p ?? 0,
  repetitionPenalty: body.repetition_penalty ?? 1,
  presencePenalty: body.presence_penalty ?? 0,
  frequencyPenalty: body.frequency_penalty ?? 0,
  ...(body.logit_bias !== null && body.logit_bias !== undefined && { logitBias: body.logit_bias }),
  ...(body.logprobs === true && { topLogprobs: body.top_logprobs ?? 0 }),
});
