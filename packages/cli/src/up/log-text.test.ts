import { describe, expect, it } from '@jest/globals';
import { createLogFilter, logText, startFailure } from './log-text.ts';

describe('logText', () => {
  it('shows message, fields and error of a log line, and leaves out what says nothing here', () => {
    const line = JSON.stringify({
      ...{ level: 40, time: '…', pid: 1, service: 'router', msg: 'event stream broke' },
      ...{ reason: 'gone', tries: 2, err: { message: 'no route' } },
    });
    expect(logText(line)).toBe('event stream broke reason=gone tries=2: no route');
  });

  it('leaves other lines as they are', () => {
    expect(logText('{broken')).toBe('{broken');
    expect(logText('Warning: x')).toBe('Warning: x');
  });
});

describe('createLogFilter', () => {
  it('lets the same words of a service through once a minute', () => {
    let nowMs = 0;
    const isNews = createLogFilter(() => nowMs);
    const line = (time: string): string => JSON.stringify({ time, msg: 'store failed' });
    expect([isNews('a', line('1')), isNews('a', line('2')), isNews('b', line('2'))]).toEqual([
      ...[true, false, true],
    ]);
    nowMs = 60_000;
    expect(isNews('a', line('3'))).toBe(true);
  });
});

describe('startFailure', () => {
  it('takes the words of the service out of its log', () => {
    const message =
      'encoder: ended with code 1 before it was ready\n{"level":60}\nThe folder has no weights.';
    expect(startFailure(message)).toBe('encoder did not start: The folder has no weights.');
  });

  it('stops where a stack trace begins', () => {
    const message =
      'router: ended with code 1\nSettingsError: bad\n    at x (file.js:1)\nNode.js v20';
    expect(startFailure(message)).toBe('router did not start: SettingsError: bad');
  });

  it('keeps a message that has no log', () => {
    expect(startFailure('router: not ready')).toBe('router: not ready');
  });
});
