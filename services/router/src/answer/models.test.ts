import { describe, expect, it } from '@jest/globals';
import { createProfileTextModel } from '@isotherm/engine/text';
import { instanceId } from '@isotherm/kernel';
import type { InstanceView } from '@isotherm/policy';
import { createModels } from './models.ts';

const staged = createProfileTextModel();
const view = (
  stage: InstanceView['stage'],
  model: string,
  different: Partial<InstanceView> = {},
): InstanceView => ({
  ...{ id: instanceId(`${stage}-${model}`), stage, model, takes: 'conversation' },
  ...{ ready: true, capacity: 1, contextMax: 4096, bookedTokens: 0, reportedTokens: 0 },
  cacheKeys: new Set(),
  ...{ kvBytes: 0, kvBytesMax: 0 },
  ...different,
});

describe('the models of a router', () => {
  it('are its own and those that servers announce', () => {
    const views = [view('whole', 'llama'), view('prefill', 'qwen'), view('decode', 'qwen')];
    const models = createModels([staged], () => views);
    expect(models.names).toEqual(['profile', 'llama', 'qwen']);
    expect(models.choose('')).toEqual({ kind: 'staged', model: staged });
    expect(models.choose('profile')).toEqual({ kind: 'staged', model: staged });
    expect(models.choose('llama')).toMatchObject({ kind: 'upstream', path: 'whole' });
    expect(models.choose('qwen')).toMatchObject({ kind: 'upstream', path: 'pair' });
    expect(() => models.choose('gpt')).toThrow(
      expect.objectContaining({ code: 'unknown_model', param: 'model' }),
    );
  });

  it('need a name where there are several and none is its own', () => {
    const views = [view('whole', 'llama')];
    const models = createModels([], () => views);
    expect(models.choose('')).toMatchObject({ model: 'llama' });
    views.push(view('whole', 'qwen'));
    expect(() => models.choose('')).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  it('may be several of its own, with other names for them', () => {
    const named = (name: string) => ({ ...staged, facts: { ...staged.facts, name } });
    const two = [named('panel'), named('panel-x')];
    const instances = (['encode', 'prefill', 'decode'] as const).map((stage) =>
      view(stage, 'panel-x', { takes: 'tensors' }),
    );
    const models = createModels(two, () => instances, { 'gpt-4o': 'panel-x', panel: 'panel-x' });
    expect(models.names).toEqual(['panel', 'panel-x']);
    expect(models.choose('gpt-4o')).toEqual({ kind: 'staged', model: two[1] });
    // A model's own name comes before an alias.
    expect(models.choose('panel')).toEqual({ kind: 'staged', model: two[0] });
    expect(() => models.choose('')).toThrow(/Name one of the models: "panel", "panel-x"/);
    expect(() => models.choose('toString')).toThrow(/there is "panel", "panel-x"/);
    expect(models.canAnswer()).toBe(true);
    expect(models.cards.map(({ name, ready }) => [name, ready])).toEqual([
      ['panel', false],
      ['panel-x', true],
    ]);
    expect(models.card('gpt-4o')).toMatchObject({
      ...{ name: 'panel-x', aliases: ['gpt-4o'], runsOn: 'stages' },
      modalities: staged.facts.modalities,
    });
  });

  it('stay known when their instances have left', () => {
    let views = [view('whole', 'llama')];
    const models = createModels([], () => views);
    expect(() => createModels([], () => []).choose('llama')).toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    );
    expect(models.names).toEqual(['llama']);
    views = [];
    expect(models.names).toEqual([]);
    expect(models.choose('llama')).toMatchObject({ path: 'whole' });
    expect(models.canAnswer()).toBe(false);
  });

  it('can answer when one has all that it needs, its own first', () => {
    const views = [view('prefill', 'qwen'), view('decode', 'qwen', { ready: false })];
    expect(createModels([], () => views).canAnswer()).toBe(false);
    views.push(view('decode', 'qwen'));
    expect(createModels([], () => views).canAnswer()).toBe(true);
    expect(createModels([staged], () => views).canAnswer()).toBe(false);
    const own = (['encode', 'prefill', 'decode'] as const).map((stage) =>
      view(stage, 'profile', { takes: 'tensors' }),
    );
    expect(createModels([staged], () => own).canAnswer()).toBe(true);
  });
});
