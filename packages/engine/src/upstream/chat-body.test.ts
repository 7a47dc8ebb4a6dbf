import { describe, expect, it } from '@jest/globals';
import { chatBody as chatBodyWith } from './chat-body.ts';
import {
  type Conversation,
  type ConversationPart,
  conversationOfTensors,
  tensorsOfConversation,
} from './conversation.ts';

const base64 = (file: Uint8Array): string => Buffer.from(file).toString('base64');
const chatBody = (
  conversation: Conversation,
  model: string,
  server: Parameters<typeof chatBodyWith>[2],
) => chatBodyWith(conversation, model, server, base64);
const file = (kind: 'image' | 'audio' | 'video', mimeType: string): ConversationPart => ({
  kind,
  mimeType,
  bytes: Uint8Array.of(1, 2, 3),
  param: 'messages[0].content[1]',
});
const asking = (
  parts: readonly ConversationPart[],
  parameters: Conversation['parameters'] = {},
): Conversation => ({ messages: [{ role: 'user', parts }], parameters });

describe('the body for a server', () => {
  it('has files as data URLs and sounds as OpenAI has them', () => {
    const text = { kind: 'text', text: 'look' } as const;
    const parts = [text, file('image', 'image/png'), file('audio', 'audio/mpeg')];
    expect(chatBody(asking([...parts, file('video', 'video/mp4')]), 'm', 'vllm')).toMatchObject({
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } },
            { type: 'input_audio', input_audio: { data: 'AQID', format: 'mp3' } },
            { type: 'video_url', video_url: { url: 'data:video/mp4;base64,AQID' } },
          ],
        },
      ],
    });
  });

  it("has parameters by the server's own names", () => {
    const parameters = { stop: ['x'], top_k: 4, repetition_penalty: 1.1 };
    expect(chatBody(asking([], parameters), 'm', 'llama.cpp')).toMatchObject({
      stop: ['x'],
      top_k: 4,
      repeat_penalty: 1.1,
    });
  });

  it("has a clip's frames as vLLM has them, and refuses them for others", () => {
    const frames = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)];
    const clip = asking([{ kind: 'frames', frames, param: 'p' }]);
    const url = 'data:video/jpeg;base64,AQID,BA==';
    expect(chatBody(clip, 'm', 'vllm')).toMatchObject({
      messages: [{ content: [{ type: 'video_url', video_url: { url } }] }],
    });
    expect(() => chatBody(clip, 'm', 'sglang')).toThrow(
      expect.objectContaining({ code: 'unsupported', param: 'p' }),
    );
  });

  it('leaves nothing to defaults that the server has of its own', () => {
    expect(chatBody(asking([]), 'm', 'vllm')).toMatchObject({ top_k: -1, repetition_penalty: 1 });
    expect(chatBody(asking([], { top_k: 9 }), 'm', 'vllm')).toMatchObject({ top_k: 9, min_p: 0 });
    expect(chatBody(asking([]), 'm', 'llama.cpp')).toMatchObject({ top_k: 0, repeat_penalty: 1 });
    expect(chatBody(asking([]), 'm', 'ollama')).toEqual({
      model: 'm',
      messages: expect.anything(),
    });
  });

  it.each([
    ['ollama', asking([], { logit_bias: { 5: 1 } }), 'logit_bias'],
    ['ollama', asking([], { top_k: 4 }), 'top_k'],
    ['openai', asking([], { min_p: 0.1 }), 'min_p'],
    ['vllm', asking([], { constructor: 1 }), 'constructor'],
    ['ollama', asking([file('audio', 'audio/wav')]), 'messages[0].content[1]'],
  ] as const)('for %s never holds what it would ignore', (server, conversation, param) => {
    expect(() => chatBody(conversation, 'm', server)).toThrow(
      expect.objectContaining({ code: 'unsupported', param }),
    );
  });
});

describe('a conversation as a payload', () => {
  it('comes out as it went in', () => {
    const conversation: Conversation = {
      parameters: { max_tokens: 4, response_format: { type: 'json_object' } },
      messages: [
        { role: 'system', parts: [{ kind: 'text', text: 'Ü' }] },
        { role: 'user', parts: [file('image', 'image/png'), { kind: 'text', text: 'what?' }] },
        { role: 'user', parts: [{ kind: 'frames', frames: [Uint8Array.of(7)], param: 'p' }] },
      ],
    };
    expect(conversationOfTensors(tensorsOfConversation(conversation))).toEqual(conversation);
  });

  it('is told apart from any other', () => {
    const data = Int32Array.of(1);
    const tokens = { name: 'token_ids', dataType: 'int32', shape: [1], data } as const;
    expect(() => conversationOfTensors([tokens])).toThrow('no conversation');
    expect(() => conversationOfTensors([])).toThrow('no conversation');
  });
});
