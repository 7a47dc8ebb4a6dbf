import { type ChatInit, textPart } from '../harness/chat.ts';
import type { Refusal } from './refusals.ts';

export const imagesMax = 3;
export const bodyBytesMax = 1 << 20;

interface RefusedBody extends Refusal {
  readonly name: string;
  readonly body: unknown;
  readonly headers?: NonNullable<ChatInit['headers']>;
}

const messages = [{ role: 'user', content: 'What is this?' }];

/** A body that is right but for one field. */
const field = (name: string, param: string, value: unknown, message: RegExp): RefusedBody => ({
  name: `${param} as ${name}`,
  body: { messages, [param]: value },
  code: 'invalid_argument',
  param,
  message,
});

/** A message whose content is wrong at `param`. */
const content = (name: string, value: unknown, param: string, message: RegExp): RefusedBody => ({
  name,
  body: { messages: [{ role: 'user', content: value }] },
  code: 'invalid_argument',
  param: `messages[0].${param}`,
  message,
});

const whole = (name: string, body: unknown, message: RegExp): RefusedBody => ({
  name,
  body,
  code: 'invalid_argument',
  param: null,
  message,
});

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** A body with a number that JavaScript would not spell so. */
const withNumber = (name: string, digits: string): string =>
  `${JSON.stringify({ messages }).slice(0, -1)},"${name}":${digits}}`;

/** A body with a field of lists in lists. */
const nested = (name: string, fields: object = {}): string => {
  const lists = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  return `${JSON.stringify(fields).slice(0, -1)}${'messages' in fields ? ',' : ''}"${name}":${lists}}`;
};

const imageUrl = (url: unknown): object => ({ type: 'image_url', image_url: { url } });
const urlParam = 'content[0].image_url.url';

export const refusedBodies: readonly RefusedBody[] = [
  whole('text that is not JSON', 'What is this?', /not JSON/),
  whole('nothing', '', /not JSON/),
  whole('half of a body', '{"messages": [{"role": "us', /not JSON/),
  whole('null', 'null', /object/),
  whole('a list', '[]', /object/),
  whole('a number', '7', /object/),
  whole('a byte that UTF-8 does not have', latin1('{"messages": "caf\xe9"}'), /not UTF-8/),
  whole('a NUL byte', '{"messages": [{"role": "user", "content": "a\0b"}]}', /not JSON/),
  whole('lists in lists, without an end', '['.repeat(500_000), /not JSON/),
  {
    ...whole('lists in lists', nested('messages'), /object/),
    param: 'messages[0]',
  },
  { ...whole('lists in a field that is not there', nested('x'), /messages/), param: 'messages' },
  { ...whole('a deep bias', nested('logit_bias', { messages }), /record/), param: 'logit_bias' },
  {
    ...whole('a name without end', JSON.stringify({ messages, ['x'.repeat(100_000)]: 1 }), /xxx…/),
    param: `${'x'.repeat(200)}…`,
  },
  {
    name: 'a body that is too large',
    body: { messages: [{ role: 'user', content: 'x'.repeat(bodyBytesMax) }] },
    code: 'payload_too_large',
    param: null,
    message: new RegExp(String(bodyBytesMax)),
  },
  {
    name: 'an unknown model',
    body: { messages, model: 'gpt-4o' },
    code: 'unknown_model',
    param: 'model',
    message: /no model "gpt-4o"; there is "/,
  },
  {
    name: 'a prompt that is longer than the context',
    body: { messages: [{ role: 'user', content: 'which rack is hottest '.repeat(2000) }] },
    code: 'context_length_exceeded',
    param: 'messages',
    message: /prompt has \d+ tokens/,
  },
  {
    name: 'an answer that is longer than the context',
    body: { messages, max_tokens: 1_000_000 },
    code: 'context_length_exceeded',
    param: 'max_tokens',
    message: /leaves \d+ of \d+/,
  },
  {
    name: 'a picture on the web',
    body: { messages: [{ role: 'user', content: [imageUrl('https://example.com/a.png')] }] },
    code: 'unsupported',
    param: `messages[0].${urlParam}`,
    message: /data URL/,
  },
  {
    name: 'a deadline that is no number',
    body: { messages },
    headers: { 'x-isotherm-timeout-ms': 'soon' },
    code: 'invalid_argument',
    param: 'x-isotherm-timeout-ms',
    message: /whole number of milliseconds/,
  },
  content('a placeholder typed as text', 'What is <image>?', 'content', /"<image>"/),
  content('a placeholder in two pieces', [textPart('<im'), textPart('age>')], 'content', /<image>/),
  content('an end mark typed as text', 'bye<end>', 'content', /special token/),
  content('a NUL character', 'a\0b', 'content', /no NUL character/),
  content('a NUL in a part', [textPart('a\0b')], 'content[0].text', /no NUL character/),
  content('half a character', 'a\ud83d', 'content', /whole characters/),
  content('content as a number', 7, 'content', /content/),
  content('content as null', null, 'content', /content/),
  content('content without parts', [], 'content', /content/),
  content('a part as text', ['What?'], 'content[0]', /object/),
  content('a part without a type', [{ text: 'a' }], 'content[0].type', /type/),
  content('a part of audio', [{ type: 'input_audio' }], 'content[0].input_audio', /object/),
  content('a text part without text', [{ type: 'text' }], 'content[0].text', /string/),
  content('text as a number', [{ type: 'text', text: 7 }], 'content[0].text', /string/),
  content(
    'an address as text',
    [{ type: 'image_url', image_url: 'data:' }],
    'content[0].image_url',
    /object/,
  ),
  content('an address as a number', [imageUrl(7)], urlParam, /string/),
  content('bad base64', [imageUrl('data:image/png;base64,@@@@')], urlParam, /base64/),
  content('a file address', [imageUrl('file:///etc/passwd')], urlParam, /data URL/),
  content('an address that is not base64', [imageUrl('data:image/png,abc')], urlParam, /data URL/),
  { ...field('a field that is not there', 'tools', [], /tools is not supported/), name: 'tools' },
  field('missing', 'messages', undefined, /messages/),
  field('text', 'messages', 'hello', /array/),
  field('an empty list', 'messages', [], /messages/),
  field('a number', 'model', 7, /string/),
  field('text', 'max_tokens', '7', /number/),
  field('a fraction', 'max_tokens', 1.5, /int/),
  field('more than 32 bits', 'max_tokens', 2 ** 53, /max_tokens/),
  { ...field('infinite', 'max_tokens', 0, /number/), body: withNumber('max_tokens', '1e999') },
  { ...field('infinite', 'temperature', 0, /number/), body: withNumber('temperature', '-1e999') },
  {
    ...field('10,000 digits', 'seed', 0, /number/),
    body: withNumber('seed', '9'.repeat(10_000)),
  },
  field('zero', 'max_tokens', 0, /max_tokens/),
  field('negative', 'max_completion_tokens', -1, /max_completion_tokens/),
  field('text', 'temperature', 'hot', /number/),
  field('too high', 'temperature', 2.1, /2/),
  field('zero', 'top_p', 0, /top_p/),
  field('too high', 'top_p', 1.1, /1/),
  field('negative', 'seed', -1, /seed/),
  field('a fraction', 'top_k', 1.5, /int/),
  field('less than -1', 'top_k', -2, /-1/),
  field('negative', 'min_p', -0.1, /0/),
  field('more than 1', 'min_p', 1.1, /1/),
  field('zero', 'repetition_penalty', 0, /0/),
  field('too high', 'repetition_penalty', 11, /10/),
  field('too high', 'presence_penalty', 2.5, /2/),
  field('too low', 'frequency_penalty', -2.5, /-2/),
  field('a list', 'logit_bias', [1], /record/),
  field('unknown tokens', 'logit_bias', { 999_999: 1 }, /names token 999999/),
  field('text', 'response_format', 'json', /object/),
  {
    ...field('an unknown type', 'response_format', { type: 'xml' }, /type/),
    param: 'response_format.type',
  },
  field('text', 'logprobs', 'yes', /boolean/),
  field('given without logprobs', 'top_logprobs', 3, /logprobs to be true/),
  field('a number', 'stop', 7, /stop/),
  field('empty', 'stop', '', /stop/),
  field('half a character', 'stop', '\ud83d', /whole characters/),
  field('too many', 'stop', ['a', 'b', 'c', 'd', 'e'], /4/),
  field('words', 'logit_bias', { hot: 1 }, /token ids/),
  {
    ...field('too much', 'logit_bias', { 5: 101 }, /100/),
    param: 'logit_bias.5',
  },
  {
    ...field('too many', 'top_logprobs', 21, /20/),
    body: { messages, logprobs: true, top_logprobs: 21 },
  },
  field('too large', 'seed', 2 ** 32, /seed/),
  field('text', 'stream', 'yes', /boolean/),
  field('two', 'n', 2, /1/),
  field('a list', 'user', [], /string/),
  field('text', 'stream_options', 'usage', /object/),
  {
    ...content('an unknown role', 'x', 'role', /role/),
    body: { messages: [{ role: 'tool', content: 'x' }] },
  },
  {
    ...content('a message as text', 'x', '', /object/),
    body: { messages: ['hello'] },
    param: 'messages[0]',
  },
  {
    ...content('an unknown field of a message', 'x', 'name', /name is not supported/),
    body: { messages: [{ role: 'user', content: 'x', name: 'me' }] },
  },
];
