import { describe, expect, it } from '@jest/globals';
import { parseChatCall } from './chat-schema.ts';

const png = 'data:image/png;base64,iVBORw0KGgo=';
const text = { role: 'user', content: 'hello' };
const picture = {
  role: 'user',
  content: [
    { type: 'image_url', image_url: { url: png } },
    { type: 'text', text: 'what is this?' },
  ],
};

const tenThousand = {
  role: 'user',
  content: Array.from({ length: 10_000 }, () => ({ type: 'text', text: '' })),
};

const content = (part: object) => ({ messages: [{ role: 'user', content: [part] }] });

describe('a chat request over HTTP', () => {
  it('is read with defaults: greedy, not streaming', () => {
    expect(parseChatCall({ messages: [text] }, undefined)).toMatchObject({
      stream: false,
      chat: {
        model: '',
        sampling: { temperature: 0, topP: 1, topK: 0, repetitionPenalty: 1 },
        seed: undefined,
        stop: [],
        tokensMax: undefined,
      },
    });
  });

  it('refuses a schema that nests deeper than can be spelled again', () => {
    const deep = JSON.parse(`${'['.repeat(9000)}${']'.repeat(9000)}`) as unknown;
    const json_schema = { name: 'deep', schema: { const: deep } };
    const body = { messages: [text], response_format: { type: 'json_schema', json_schema } };
    expect(() => parseChatCall(body, undefined)).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.stringMatching(/must nest at most 256 deep/),
        param: 'response_format.json_schema.schema',
      }),
    );
  });

  it('keeps text and pictures in the order given', () => {
    const { chat } = parseChatCall({ messages: [picture] }, undefined);
    expect(chat.messages[0]?.parts.map(({ kind }) => kind)).toEqual(['file', 'text']);
    expect(chat.messages[0]?.parts[0]).toMatchObject({
      mimeType: 'image/png',
      param: 'messages[0].content[0].image_url.url',
    });
  });

  it('takes sounds and clips in the order given', () => {
    const base64 = Buffer.from('bytes').toString('base64');
    const content = [
      { type: 'input_audio', input_audio: { data: base64, format: 'flac' } },
      { type: 'text', text: 'and' },
      { type: 'video_url', video_url: { url: `data:video/mp4;base64,${base64}` } },
      { type: 'video_url', video_url: { url: `data:video/jpeg;base64,${base64},${base64}` } },
    ];
    const { chat } = parseChatCall({ messages: [{ role: 'user', content }] }, undefined);
    const bytes = Buffer.from('bytes');
    const at = (index: number, field: string) => `messages[0].content[${index}].${field}`;
    expect(chat.messages[0]?.parts).toMatchObject([
      {
        kind: 'file',
        modality: 'audio',
        bytes,
        mimeType: 'audio/flac',
        param: at(0, 'input_audio.data'),
      },
      { kind: 'text', text: 'and' },
      {
        kind: 'file',
        modality: 'video',
        bytes,
        mimeType: 'video/mp4',
        param: at(2, 'video_url.url'),
      },
      { kind: 'frames', modality: 'video', frames: [bytes, bytes], param: at(3, 'video_url.url') },
    ]);
  });

  it.each([
    [
      'a sound without its format',
      content({ type: 'input_audio', input_audio: { data: '' } }),
      'messages[0].content[0].input_audio.format',
    ],
    [
      'a sound in a format that is not known',
      content({ type: 'input_audio', input_audio: { data: '', format: 'aiff' } }),
      'messages[0].content[0].input_audio.format',
    ],
    [
      'a sound that is no base64',
      content({ type: 'input_audio', input_audio: { data: '@@', format: 'wav' } }),
      'messages[0].content[0].input_audio.data',
    ],
    [
      'a list of frames one of which is no base64',
      content({ type: 'video_url', video_url: { url: 'data:video/jpeg;base64,AAAA,@@@@' } }),
      'messages[0].content[0].video_url.url',
    ],
    ['a million messages', { messages: Array.from({ length: 1_000_000 }, () => text) }, 'messages'],
    ['ten thousand parts, twice', { messages: [tenThousand, tenThousand] }, 'messages'],
    ['no messages', {}, 'messages'],
    ['an empty conversation', { messages: [] }, 'messages'],
    ['a body that is a list', [], undefined],
    ['null', null, undefined],
    ['an unknown field', { messages: [text], beam_width: 5 }, 'beam_width'],
    ['an unknown field inside', { messages: [{ ...text, name: 'x' }] }, 'messages[0].name'],
    ['a wrong role', { messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
    [
      'content that is a number',
      { messages: [{ role: 'user', content: 5 }] },
      'messages[0].content',
    ],
    ['no content', { messages: [{ role: 'user' }] }, 'messages[0].content'],
    [
      'an unknown part',
      { messages: [{ role: 'user', content: [{ type: 'smell' }] }] },
      'messages[0].content[0].type',
    ],
    [
      'a part without its text',
      { messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'messages[0].content[0].text',
    ],
    [
      'a URL that is an object',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: {} } }] }] },
      'messages[0].content[0].image_url.url',
    ],
    ['a temperature that is text', { messages: [text], temperature: 'hot' }, 'temperature'],
    ['a temperature out of range', { messages: [text], temperature: 3 }, 'temperature'],
    ['top_p of 0', { messages: [text], top_p: 0 }, 'top_p'],
    ['max_tokens of 0', { messages: [text], max_tokens: 0 }, 'max_tokens'],
    ['a fraction of a token', { messages: [text], max_tokens: 1.5 }, 'max_tokens'],
    ['several answers', { messages: [text], n: 2 }, 'n'],
    ['a negative seed', { messages: [text], seed: -1 }, 'seed'],
    ['stream that is text', { messages: [text], stream: 'yes' }, 'stream'],
  ])('refuses %s and names the field', (_, body, param) => {
    expect(() => parseChatCall(body, undefined)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', param }),
    );
  });
});
