import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PromptMessage, PromptPart, TextModel } from '../contract.ts';
import { readJson } from '../model-folder/json-file.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { chatTemplate } from './chat-template.ts';
import { loadTextModel } from './text-model.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

const user = (...parts: readonly (string | readonly [number, number])[]): PromptMessage => ({
  role: 'user',
  parts: parts.map((part): PromptPart =>
    typeof part === 'string'
      ? { kind: 'text', text: part }
      : { kind: 'image', widthPx: part[0], heightPx: part[1] },
  ),
});

const tokenizerOf = async (dir: string): Promise<Tokenizer> =>
  createTokenizer(
    await readJson(dir, 'tokenizer.json'),
    await readJson(dir, 'tokenizer_config.json'),
  );

const timeMs = (work: () => void): number => {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
};

describe('loadTextModel (llava)', () => {
  let model: TextModel;
  beforeAll(async () => {
    model = await loadTextModel(fixtureFolders.panel);
  });

  it('knows its facts', () => {
    expect(model.facts).toMatchObject({
      name: 'panel',
      architecture: 'decoder-only',
      endOfTextTokens: [2],
      kvBytesPerToken: 2 * 4 * 2 * 32 * 4,
    });
  });

  it('puts the rule’s number of placeholders in the place of each image', () => {
    const prompt = model.prompt([user([10, 20], 'How many?', [5, 5])]);
    expect(prompt.mediaTokens).toEqual([36, 36]);
    expect(prompt.tokenIds.filter((token) => token === 3)).toHaveLength(72);
    expect(model.prompt([user('no picture')]).mediaTokens).toEqual([]);
  });

  it.each(['<image>', 'a<image>b', '<end>', '<bos>', '<audio>'])(
    'refuses %s typed as text',
    (text) => {
      expect(() => model.prompt([user([9, 9], text)])).toThrow(
        expect.objectContaining({ code: 'invalid_argument', param: 'messages[0].content' }),
      );
    },
  );

  it('refuses a placeholder that is spread over several parts', () => {
    expect(() => model.prompt([user('<ima', 'ge>')])).toThrow(/special token/);
  });

  it('never makes more placeholders than the images have, whatever the text', () => {
    const pieces = fc.constantFrom(
      '<',
      'image',
      '>',
      'im',
      'age',
      '<end',
      '|',
      ' ',
      'é',
      '<image',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.array(pieces, { maxLength: 6 }), { maxLength: 4 }), (texts) => {
        const parts = texts.map((text) => text.join(''));
        try {
          const prompt = model.prompt([user([8, 8], ...parts)]);
          expect(prompt.tokenIds.filter((token) => token === 3)).toHaveLength(36);
          expect(prompt.tokenIds.filter((token) => token === 2)).toHaveLength(1);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'invalid_argument' });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a prompt that fills the context', () => {
    expect(() => model.prompt([user('word '.repeat(5000))])).toThrow(
      expect.objectContaining({ code: 'context_length_exceeded' }),
    );
  });

  it('refuses megabytes of text without tokenizing them', async () => {
    const text = 'The hottest rack is number 12 — check it. '.repeat(50_000);
    const piece = text.slice(0, text.length / 20);
    const tokenizer = await tokenizerOf(fixtureFolders.panel);
    const tokenizeMs = timeMs(() => tokenizer.encode(piece, { mark: false }));
    let thrown: unknown;
    const refuseMs = timeMs(() => {
      try {
        model.prompt([user(text)]);
      } catch (error) {
        thrown = error;
      }
    });
    expect(thrown).toMatchObject({
      code: 'context_length_exceeded',
      param: 'messages',
      message: expect.stringMatching(/prompt has \d+ tokens or more;.* below 1024/),
    });
    // The whole text takes less time than tokenizing a twentieth of it.
    expect(refuseMs).toBeLessThan(tokenizeMs);
  });

  it('refuses an image where the template has no place for one', () => {
    const system: PromptMessage = { ...user([8, 8]), role: 'system' };
    expect(() => model.prompt([system, user('hello')])).toThrow(
      /other media \(none\) than were given \(image\)/,
    );
  });
});

describe('loadTextModel (idefics3)', () => {
  let model: TextModel;
  beforeAll(async () => {
    model = await loadTextModel(fixtureFolders.idefics3);
  });

  it('writes tiles row by row, then the whole picture', () => {
    // 64 × 32 px: two rows of four tiles of 16 px, after scaling to 64 px.
    const { tokenIds, mediaTokens } = model.prompt([user([128, 64], 'hi')]);
    expect(mediaTokens).toEqual([(2 * 4 + 1) * 4]);
    const frames = tokenIds.filter((token) => token === 259).length;
    expect(frames).toBe(2 * 4 + 2);
    expect(tokenIds.filter((token) => token === 260)).toHaveLength(1);
    // <row_2_col_4> comes last of the tiles.
    expect(tokenIds.filter((token) => token >= 261).at(-1)).toBe(261 + 4 + 3);
  });

  it('takes its name from the configuration', () => {
    expect(model.facts.name).toBe('isotherm/tiny-idefics3');
  });

  it('refuses a picture that is too narrow to be scaled', () => {
    expect(() => model.prompt([user([1, 6000], 'hi')])).toThrow(/too narrow/);
  });
});

describe('chatTemplate', () => {
  it('gives plain-text templates a string with placeholders', () => {
    const render = chatTemplate(
      '{% for m in messages %}{{ m.content }}|{% endfor %}',
      {},
      { image: '<image>' },
    );
    expect(render([user('a', [1, 1], 'b')])).toBe('a<image>b|');
  });

  it('gives templates that look at types a list of parts, and the special tokens', () => {
    const source =
      "{{ bos_token }}{% for m in messages %}{% for c in m.content %}{% if c.type == 'image' %}[I]{% else %}{{ c.text }}{% endif %}{% endfor %}{% endfor %}{% if add_generation_prompt %}>{% endif %}";
    expect(
      chatTemplate(source, { bos_token: '^' }, { image: '<image>' })([user('a', [1, 1], 'b')]),
    ).toBe('^a[I]b>');
  });

  it('passes on what the template refuses', () => {
    const render = chatTemplate(
      "{{ raise_exception('roles must alternate') }}",
      {},
      { image: '<image>' },
    );
    expect(() => render([user('a')])).toThrow(/roles must alternate/);
  });

  it('refuses a template that cannot be parsed', () => {
    expect(() => chatTemplate('{% if %}', {}, { image: '<image>' })).toThrow(/cannot be parsed/);
  });
});
