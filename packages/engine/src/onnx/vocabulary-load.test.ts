import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { onnxDecodeEngine } from './decode-engine.ts';
import { onnxPrefillEngine } from './prefill-engine.ts';

jest.setTimeout(60_000);

const sampling = { temperature: 0, topP: 1, seed: 0 };
const grammar = { kind: 'jsonObject' } as const;

describe('the vocabulary that grammars need', () => {
  let modelDir: string;
  beforeAll(async () => {
    modelDir = await mkdtemp(join(tmpdir(), 'isotherm-vocabulary-'));
    await cp(fixtureFolders.panel, modelDir, {
      recursive: true,
      filter: (path) => !/\/(?:training|examples|generator)$|vision|audio|video/.test(path),
    });
  });
  afterAll(() => rm(modelDir, { recursive: true }));

  it('is there when an engine is: the first constrained step reads nothing', async () => {
    const prefill = await onnxPrefillEngine({ modelDir });
    const decode = await onnxDecodeEngine({ modelDir });
    try {
      await Promise.all(
        ['tokenizer.json', 'tokenizer_config.json'].map((file) => rm(join(modelDir, file))),
      );
      const tokenIds = Int32Array.of(20, 21, 22);
      const input = { tokenIds, embeddings: [], sampling, grammar, tokenIndex: 0 };
      const begun = await prefill.prefill(input, new AbortController().signal);
      await decode.join('a', { ...begun, tokenIndex: 0, tokensMax: 2, sampling, grammar });
      expect(await decode.step()).toHaveLength(1);
    } finally {
      await Promise.all([prefill.close(), decode.close()]);
    }
  });
});
