import { describe, expect, it } from '@jest/globals';
import { modelAliases } from './model-aliases.ts';

describe('the setting of aliases', () => {
  it('is an object of alias to name', () => {
    expect(modelAliases.parse('{"gpt-4o": "panel"}')).toEqual({ 'gpt-4o': 'panel' });
  });

  it.each([
    ['no JSON', '{gpt'],
    ['a list', '["panel"]'],
    ['no name', '{"gpt-4o": ""}'],
    ['a number', '{"gpt-4o": 4}'],
    ['an alias of an alias', '{"a": "b", "b": "panel"}'],
  ])('says what is wrong with %s', (_, raw) => {
    expect(modelAliases.parse(raw)).toEqual({
      problem: expect.stringContaining('JSON object of alias'),
    });
  });
});
