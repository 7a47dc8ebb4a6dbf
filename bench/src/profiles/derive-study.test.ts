import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  checkModelProfile,
  type ModelProfile,
  profileDocument,
  stageCosts,
} from '@isotherm/kernel';
import { parseYaml } from '@isotherm/runtime/yaml-file';
import { repositoryRoot } from '../report/repository.ts';
import { deriveStudyProfile, type StudyFigures } from './derive-study.ts';
import { parsePromptTimes } from './prompt-times.ts';
import { studyModels } from './study-models.ts';

/** In the form of splitwise's file, of our own making: 100 tokens take 40 ÷ GPUs ms. */
const promptText = [
  'model,hardware,prompt_size,batch_size,token_size,peak_power,average_power,prompt_time,token_time,e2e_time,tensor_parallel',
  ...[2, 4, 8].flatMap((gpus) =>
    [100, 500, 1000, 8000].flatMap((size) => [
      `llama2-70b,a100-80gb,${size},1,128,1.05,0.5,${(40 * size) / 100 / gpus},50,0,${gpus}`,
      `llama2-70b,h100-80gb,${size},1,128,0,0,1,1,0,${gpus}`,
    ]),
  ),
  ...[2, 4, 8].flatMap((gpus) => [
    `llama2-70b,a100-80gb,512,1,128,0.9,0.5,${200 / gpus},50,0,${gpus}`,
    `llama2-70b,a100-80gb,512,16,128,0.9,0.7,1,50,0,${gpus}`,
    `llama2-70b,a100-80gb,512,16,128,0,0,1,50,0,${gpus}`,
  ]),
].join('\n');

const line = {
  ...{ stepMs: 10, sequenceMs: 0.1, powerW: 300, doublingW: 20, sequencesMax: 256 },
  ...{ timeErrorShare: 0, powerErrorShare: 0 },
};
const figures: StudyFigures = {
  prompts: parsePromptTimes(promptText),
  decode: {
    'llama-3.1-8b': { line, parametersB: 8, gpus: 1 },
    'qwen-3-14b': { line, parametersB: 14, gpus: 1 },
    'llama-3.1-70b': { line, parametersB: 70, gpus: 4 },
  },
  internVitMs: 250,
};

const profileOf = (name: string): ModelProfile => {
  const model = studyModels.find((each) => each.name === name);
  if (model === undefined) throw new Error(name);
  return deriveStudyProfile(model, figures);
};

const msOf = (profile: ModelProfile, name: string, tokens: number, batch = 1): number => {
  const entry = profile.stages.find((stage) => stage.name === name);
  if (entry === undefined) throw new Error(name);
  return stageCosts(entry).latencyMs(batch, tokens);
};

describe('profiles of the study', () => {
  it.each(studyModels.filter(({ encodeShare }) => encodeShare !== undefined))(
    'of $name: encoding has its published share of the time to the first token',
    (model) => {
      const profile = deriveStudyProfile(model, figures);
      const encodeMs = msOf(profile, `encode-${model.studyGpus}`, model.imageTokens);
      const share = model.reading === 'decoder-only' ? 1 : 0.02;
      const tokens = 256 + share * model.imageTokens;
      const prefillMs = msOf(profile, `prefill-${model.studyGpus}`, tokens);
      expect(encodeMs / (encodeMs + prefillMs)).toBeCloseTo(model.encodeShare ?? 0, 6);
    },
  );

  it('scales what was measured, by parameters, and keeps who reads media how', () => {
    const small = profileOf('llama-3.2-vision-11b');
    expect(msOf(small, 'prefill-4', 1000)).toBeCloseTo((100 * 8.03) / 69, 6);
    expect(msOf(small, 'prefill-1', 1000)).toBeCloseTo((1.8 * 200 * 8.03) / 69, 6);
    expect(small.stages.map(({ name }) => name)).toContain('decode-1');
    expect(small.stages.find(({ name }) => name === 'prefill-1')?.mediaTokenShare).toBe(0.02);
    const large = profileOf('nvlm-d-72b');
    expect(large.stages.map(({ name }) => name)).not.toContain('decode-2');
    // Published: no gain from batches of media, and 1.3 times as fast on 8 GPUs as on 4.
    expect(msOf(large, 'encode-8', 1280, 8)).toBeCloseTo(8 * msOf(large, 'encode-8', 1280), 6);
    expect(msOf(large, 'encode-4', 1280) / msOf(large, 'encode-8', 1280)).toBeCloseTo(3.4 / 2.6);
    const sigLip = msOf(profileOf('llava-onevision-72b'), 'encode-8', 7290);
    expect(sigLip).toBeCloseTo(25, 6);
  });

  it('can be read again', () => {
    for (const model of studyModels) {
      const document = profileDocument(deriveStudyProfile(model, figures));
      expect(checkModelProfile(document)).toMatchObject({ kind: 'ok' });
    }
  });
});

it('every profile that ships is one', async () => {
  const folder = join(repositoryRoot, 'deploy', 'profiles');
  const files = (await readdir(folder, { recursive: true })).filter((file) => /yaml$/.test(file));
  expect(files.length).toBeGreaterThanOrEqual(17);
  for (const file of files) {
    const path = join(folder, file);
    const checked = checkModelProfile(parseYaml(await readFile(path, 'utf8'), path));
    expect([file, checked]).toEqual([file, expect.objectContaining({ kind: 'ok' })]);
  }
});
