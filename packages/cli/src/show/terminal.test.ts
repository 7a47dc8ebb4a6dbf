import { describe, expect, it } from '@jest/globals';
import { harmless } from './terminal.ts';

describe('harmless', () => {
  it('keeps text, line ends and tabs, and marks what could command a terminal', () => {
    expect(harmless('für\t3\n')).toBe('für\t3\n');
    expect(harmless('a\u001b]0;x\u0007\r\u009b2J')).toBe('a\ufffd]0;x\ufffd\ufffd\ufffd2J');
  });
});
