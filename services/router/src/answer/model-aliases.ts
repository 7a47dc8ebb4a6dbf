import type { Setting } from '@isotherm/runtime';
import { z } from 'zod';
import { jsonOf } from '../json-of.ts';

/** Other names of models: alias to name. A model that goes by that name itself comes first. */
export type ModelAliases = Readonly<Record<string, string>>;

const aliasesMax = 256;
const name = z.string().min(1).max(256);
const aliases = z
  .record(name, name)
  .refine((map) => Object.keys(map).length <= aliasesMax, `must have at most ${aliasesMax}`)
  .refine(
    (map) => Object.values(map).every((target) => !Object.hasOwn(map, target)),
    'an alias must name a model, not another alias',
  );

/** The setting that gives models other names, as a JSON object. */
export const modelAliases: Setting<ModelAliases> = {
  env: 'ISOTHERM_MODEL_ALIASES',
  about: 'other names of models, as a JSON object of alias to name',
  fallback: {},
  parse: (raw) => {
    const parsed = aliases.safeParse(jsonOf(raw));
    if (parsed.success) return Object.freeze(parsed.data);
    const [issue] = parsed.error.issues;
    return { problem: `must be a JSON object of alias to model name: ${issue?.message ?? ''}` };
  },
};
