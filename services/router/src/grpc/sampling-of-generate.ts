import { Fault } from '@isotherm/kernel';
import type { GenerateRequest } from '@isotherm/proto';
import type { SamplingRequest } from '../answer/chat.ts';
import { samplingBounds, stopBounds } from '../answer/sampling-bounds.ts';

/** The sampling of a gRPC request. Throws `invalid_argument` naming the field as the .proto file spells it. */
export const samplingOfGenerate = (request: GenerateRequest): SamplingRequest => {
  const topP = request.topP ?? 1;
  if (!(topP > 0 && topP <= 1)) {
    throw invalid('top_p', `must be above 0 and at most 1, not ${topP}`);
  }
  const repetitionPenalty = request.repetitionPenalty ?? 1;
  const { max: penaltyMax } = samplingBounds.repetitionPenalty;
  if (!(repetitionPenalty > 0 && repetitionPenalty <= penaltyMax)) {
    const problem = `must be above 0 and at most ${penaltyMax}, not ${repetitionPenalty}`;
    throw invalid('repetition_penalty', problem);
  }
  const { topLogprobs } = request;
  const { max: logprobsMax } = samplingBounds.topLogprobs;
  if (topLogprobs !== undefined && topLogprobs > logprobsMax) {
    throw invalid('top_logprobs', `must be at most ${logprobsMax}, not ${topLogprobs}`);
  }
  return {
    temperature: ranged('temperature', request.temperature ?? 0, samplingBounds.temperature),
    topP,
    topK: ranged('top_k', request.topK, samplingBounds.topK),
    minP: ranged('min_p', request.minP, samplingBounds.minP),
    repetitionPenalty,
    presencePenalty: ranged(
      'presence_penalty',
      request.presencePenalty,
      samplingBounds.presencePenalty,
    ),
    frequencyPenalty: ranged(
      'frequency_penalty',
      request.frequencyPenalty,
      samplingBounds.frequencyPenalty,
    ),
    ...logitBiasOf(request),
    ...(topLogprobs !== undefined && { topLogprobs }),
  };
};

const logitBiasOf = ({ logitBias }: GenerateRequest): Pick<SamplingRequest, 'logitBias'> => {
  const biases = Object.entries(logitBias);
  const { entriesMax } = samplingBounds.logitBias;
  if (biases.length === 0) return {};
  if (biases.length > entriesMax) {
    throw invalid('logit_bias', `must have at most ${entriesMax} entries, not ${biases.length}`);
  }
  for (const [token, bias] of biases) {
    ranged(`logit_bias[${token}]`, bias, samplingBounds.logitBias);
  }
  return { logitBias };
};

/** The strings that end the text. */
export const stopOfGenerate = ({ stop }: GenerateRequest): readonly string[] => {
  const { countMax, charactersMax } = stopBounds;
  if (stop.length > countMax) {
    throw invalid('stop', `must hold at most ${countMax} strings, not ${stop.length}`);
  }
  stop.forEach((text, index) => {
    if (text === '' || text.length > charactersMax) {
      const problem = `must have from 1 to ${charactersMax} characters, not ${text.length}`;
      throw invalid(`stop[${index}]`, problem);
    }
  });
  return stop;
};

/** A NaN is in no range. */
const ranged = (
  param: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): number => {
  if (value >= min && value <= max) return value;
  throw invalid(param, `must be from ${min} to ${max}, not ${value}`);
};

const invalid = (param: string, problem: string): Fault =>
  new Fault('invalid_argument', `${param} ${problem}.`, { param });
