import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shippedModelDir } from '@isotherm/stack';
import { describe, expect, it } from '@jest/globals';
import { planModels, shapeOfAll } from './model-plan.ts';

const other = fileURLToPath(new URL('../../../../models/panel-x', import.meta.url));
const shape = { router: 1, encoder: 1, prefill: 1, decode: 2, upstream: 0, thermal: 0 };

describe('the models of a stack', () => {
  it('are the shipped one, or the one that was named, with nothing to be told apart', () => {
    const one = { routerSettings: {}, settingsOfEach: {} };
    expect(planModels({ engine: 'onnx' }, shape)).toEqual({ dirs: [shippedModelDir], ...one });
    expect(planModels({ engine: 'onnx', model: [other, other] }, shape)).toEqual({
      ...{ dirs: [other], ...one },
    });
  });

  it('are several, each with instances of its own', () => {
    const plan = planModels({ engine: 'onnx', model: [shippedModelDir, other] }, shape);
    const [first, second] = [shippedModelDir, other].map((dir) => ({ ISOTHERM_MODEL_DIR: dir }));
    expect(plan.routerSettings).toEqual({
      ISOTHERM_MODEL_DIRS: `${shippedModelDir}${delimiter}${other}`,
    });
    expect(plan.settingsOfEach).toEqual({
      ...{ encoder: [first, second], prefill: [first, second] },
      decode: [first, first, second, second],
    });
    expect(shapeOfAll(shape, plan)).toEqual({
      ...{ router: 1, encoder: 2, prefill: 2, decode: 4, upstream: 0, thermal: 0 },
    });
  });

  it.each([
    ['the profile engine', { engine: 'profile' as const }, /--engine profile/],
    ['one process', { embedded: true }, /--embedded/],
    ['stages that share a process', { colocate: ['encoder', 'prefill'] as const }, /--colocate/],
  ])('are refused with %s', (_, flags, why) => {
    const model = [shippedModelDir, other];
    expect(() => planModels({ engine: 'onnx', model, ...flags }, shape)).toThrow(why);
  });
});
