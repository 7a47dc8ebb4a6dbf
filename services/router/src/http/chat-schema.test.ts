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

  it('keeps text and pictures in the order given', () => {
    const { chat } = parseChatCall({ messages: [picture] }, undefined);
    expect(chat.messages[0]?.parts.map(({ kind }) => kind)).toEqual(['image', 'text']);
    expect(chat.messages[0]?.parts[0]).toMatchObject({
      mimeType: 'image/png',
      param: 'messages[0].content[0].image_url.url',
    });
  });

  it.each([
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
