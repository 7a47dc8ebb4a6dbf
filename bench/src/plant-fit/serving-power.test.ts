import { expect, test } from '@jest/globals';
import { familyOf, parsePhasePower, parseServingPower } from './serving-power.ts';

const configuration = (changes: object = {}): object => ({
  ...{ model_id: 'Maker/Qwen3-VL-8B', gpu_model: 'H100', num_gpus: 2, avg_power_watts: 700 },
  ...{ avg_batch_size: 7.5, activated_params_billions: 8, total_params_billions: 8 },
  ...{ weight_precision: 'fp8', ...changes },
});

test('a configuration by GPU and by its rated power; what lacks a figure is left out', () => {
  const text = JSON.stringify({
    task: 'image-chat',
    configurations: [
      configuration(),
      configuration({ avg_power_watts: null }),
      configuration({ avg_power_watts: 0 }),
      configuration({ gpu_model: 'unheard-of' }),
    ],
  });
  expect(parseServingPower(text)).toEqual([
    {
      ...{ family: 'qwen3-vl', task: 'image-chat', gpu: 'H100', gpus: 2, powerShare: 0.5 },
      ...{ batch: 7.5, activeParametersB: 8, totalParametersB: 8, isLowPrecision: true },
    },
  ]);
});

test('another file is refused', () => {
  expect(() => parseServingPower('{}')).toThrow('no configurations');
});

test.each([
  ['Qwen/Qwen3-14B', 'qwen3'],
  ['nvidia/Llama-3.1-Nemotron-Nano', 'nemotron'],
  ['Someone/New-Model-3B', 'new-model-3b'],
])('%s is of the family %s', (id, family) => {
  expect(familyOf(id)).toBe(family);
});

test('phases: 0.0 is a power that was not measured', () => {
  const text = [
    'model,hardware,prompt_size,batch_size,token_size,peak_power,average_power,tensor_parallel',
    'a,a100-80gb,512,1,128,1.01,0.7,2',
    'a,h100-80gb,512,1,128,0.0,0.0,2',
    '',
  ].join('\n');
  expect(parsePhasePower(text)).toEqual([
    {
      ...{ model: 'a', hardware: 'a100-80gb', promptTokens: 512, batch: 1, tensorParallel: 2 },
      ...{ peakShare: 1.01, averageShare: 0.7 },
    },
  ]);
});
