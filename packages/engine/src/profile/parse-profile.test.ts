import { describe, expect, it } from '@jest/globals';
import { parseProfileOptions } from './parse-profile.ts';
import { compileProfile } from './profile-options.ts';

describe('parseProfileOptions', () => {
  it('reads every option that a profile has', () => {
    const options = { ...compileProfile({}), answerTokens: 20, decodeStepMs: 1.5 };
    expect(parseProfileOptions(JSON.stringify(options))).toEqual(options);
    expect(parseProfileOptions('{}')).toEqual({});
  });

  it('names a key that it does not know, and those that it knows', () => {
    expect(() => parseProfileOptions('{"decodeMs": 1}')).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.stringMatching(/^ISOTHERM_PROFILE .*"decodeMs".*decodeStepMs, .*slots/),
      }),
    );
    expect(() => parseProfileOptions('{"__proto__": 1}')).toThrow(/does not know "__proto__"/);
    expect(() => parseProfileOptions('{"toString": 1}')).toThrow(/does not know "toString"/);
  });

  it.each([
    ['decodeStepMs', '"10"', /milliseconds, a number from 0 upwards; it has "10"/],
    ['decodeStepMs', '-1', /milliseconds/],
    ['decodeStepMs', 'null', /milliseconds/],
    ['decodeStepMs', '1e999', /milliseconds/],
    ['kvBytesPerToken', '1.5', /a whole number from 0 upwards; it has 1.5/],
    ['slots', '0', /a whole number from 1 upwards/],
    ['imageTokens', '[36]', /a whole number/],
  ])('refuses %s of %s', (key, value, message) => {
    const parse = () => parseProfileOptions(`{"${key}": ${value}}`);
    expect(parse).toThrow(message);
    expect(parse).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.stringContaining(`ISOTHERM_PROFILE needs "${key}"`),
      }),
    );
  });

  it.each(['', '{', '[]', 'null', '3', '"slots"'])(
    'refuses %j, which is no JSON object',
    (text) => {
      expect(() => parseProfileOptions(text)).toThrow(/ISOTHERM_PROFILE must be a JSON object/);
    },
  );
});
