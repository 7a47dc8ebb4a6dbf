import type { GenerateRequestInput } from '@isotherm/proto';
import type { Refusal } from './refusals.ts';

interface RefusedCall extends Refusal {
  readonly name: string;
  readonly request: GenerateRequestInput;
}

const messages = [{ role: 'user', parts: [{ text: 'What is this?' }] }];

const invalid = (
  name: string,
  request: GenerateRequestInput,
  param: string,
  message: RegExp,
): RefusedCall => ({ name, request, code: 'invalid_argument', param, message });

/** Requests over gRPC: the contract rules wrong types out, so these are wrong values. */
export const refusedCalls: readonly RefusedCall[] = [
  invalid('nothing', {}, 'messages', /at least one message/),
  invalid('an unknown role', { messages: [{ role: 'tool' }] }, 'messages[0].role', /"tool"/),
  invalid(
    'a NUL character',
    { messages: [{ role: 'user', parts: [{ text: 'a\0b' }] }] },
    'messages[0].parts[0]',
    /no NUL character/,
  ),
  invalid('no parts', { messages: [{ role: 'user' }] }, 'messages[0].parts', /at least one part/),
  invalid(
    'an empty part',
    { messages: [{ role: 'user', parts: [{}] }] },
    'messages[0].parts[0]',
    /must be a text, an image/,
  ),
  invalid('a temperature of 3', { messages, temperature: 3 }, 'temperature', /0 to 2/),
  invalid('a temperature of NaN', { messages, temperature: Number.NaN }, 'temperature', /0 to 2/),
  invalid('top_p of 0', { messages, topP: 0 }, 'top_p', /above 0/),
  invalid('a min_p of 2', { messages, minP: 2 }, 'min_p', /0 to 1/),
  invalid('no repetition', { messages, repetitionPenalty: 0 }, 'repetition_penalty', /above 0/),
  invalid('a presence of 3', { messages, presencePenalty: 3 }, 'presence_penalty', /-2 to 2/),
  invalid(
    'a frequency of NaN',
    { messages, frequencyPenalty: Number.NaN },
    'frequency_penalty',
    /-2 to 2/,
  ),
  invalid('a bias of 101', { messages, logitBias: { 5: 101 } }, 'logit_bias[5]', /-100 to 100/),
  invalid(
    'a bias of an unknown token',
    { messages, logitBias: { 999_999: 1 } },
    'logit_bias',
    /names token 999999/,
  ),
  invalid('21 logprobs', { messages, topLogprobs: 21 }, 'top_logprobs', /at most 20/),
  invalid('an empty stop', { messages, stop: ['a', ''] }, 'stop[1]', /1 to 256/),
  invalid('five stops', { messages, stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', /at most 4/),
  invalid(
    'a placeholder typed as text',
    { messages: [{ role: 'user', parts: [{ text: '<image>' }] }] },
    'messages[0].content',
    /"<image>"/,
  ),
  {
    name: 'an unknown model',
    request: { messages, model: 'gpt-4o' },
    code: 'unknown_model',
    param: 'model',
    message: /no model "gpt-4o"/,
  },
  {
    name: 'a prompt that is longer than the context',
    request: { messages: [{ role: 'user', parts: [{ text: 'hot '.repeat(10_000) }] }] },
    code: 'context_length_exceeded',
    param: 'messages',
    message: /prompt has \d+ tokens/,
  },
  {
    name: 'an answer that is longer than the context',
    request: { messages, maxTokens: 1_000_000 },
    code: 'context_length_exceeded',
    param: 'max_tokens',
    message: /leaves \d+ of \d+/,
  },
];
