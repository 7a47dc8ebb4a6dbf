import { describe, expect, it } from '@jest/globals';
import { choice, flag, integer, readSettings, SettingsError, text } from './settings.ts';

const schema = {
  url: text({ env: 'URL', about: 'Redis' }),
  depthMax: integer({ env: 'DEPTH_MAX', about: 'jobs', fallback: 8, min: 1, max: 100 }),
  verbose: flag({ env: 'VERBOSE', about: 'more logs', fallback: false }),
  engine: choice({
    env: 'ENGINE',
    about: 'engine',
    fallback: 'onnx',
    choices: ['onnx', 'profile'],
  }),
};

describe('readSettings', () => {
  it('takes defaults for what is absent or empty and parses the rest', () => {
    expect(readSettings(schema, { URL: 'redis://x', DEPTH_MAX: '', VERBOSE: 'true' })).toEqual({
      url: 'redis://x',
      depthMax: 8,
      verbose: true,
      engine: 'onnx',
    });
  });

  it('reports every problem at once, by the name the operator typed', () => {
    const read = (): unknown =>
      readSettings(schema, { DEPTH_MAX: '1000', VERBOSE: 'yes', ENGINE: 'cuda' });
    expect(read).toThrow(SettingsError);
    for (const name of [
      'URL is required',
      'DEPTH_MAX must be',
      'VERBOSE must be',
      'ENGINE must be',
    ]) {
      expect(read).toThrow(name);
    }
  });

  it('is frozen', () => {
    expect(Object.isFrozen(readSettings(schema, { URL: 'x' }))).toBe(true);
  });
});
