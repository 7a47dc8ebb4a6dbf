import { describe, expect, it } from '@jest/globals';
import { parseChatLine } from './chat-line.ts';

describe('parseChatLine', () => {
  it.each([
    ['   ', { kind: 'nothing' }],
    [' Which unit has a fault? ', { kind: 'say', text: 'Which unit has a fault?' }],
    ['/etc/hosts is a file', { kind: 'say', text: '/etc/hosts is a file' }],
    ['/picture a rack.png', { kind: 'attach', medium: 'image', file: 'a rack.png' }],
    ['/sound fan.wav', { kind: 'attach', medium: 'audio', file: 'fan.wav' }],
    ['/video clip.gif', { kind: 'attach', medium: 'video', file: 'clip.gif' }],
    ['/sound', { kind: 'unknown', command: 'sound' }],
    ["/picture '/tmp/a rack.png' ", { kind: 'attach', medium: 'image', file: '/tmp/a rack.png' }],
    ['/picture', { kind: 'unknown', command: 'picture' }],
    ['/NEW', { kind: 'new' }],
    ['/exit', { kind: 'quit' }],
    ['/frob x', { kind: 'unknown', command: 'frob' }],
  ])('reads %j', (line, expected) => {
    expect(parseChatLine(line)).toEqual(expected);
  });
});
