import { Fault } from '@isotherm/kernel';
import type { Architecture } from './architecture.ts';
import { idefics3 } from './idefics3.ts';
import { llava } from './llava.ts';
import { mllama } from './mllama.ts';

/** Every kind of model that can be served; a new one is a file and a line here. */
export const architectures: readonly Architecture[] = [llava, idefics3, mllama];

/** The architecture of a `model_type`; another one is refused with what there is. */
export const architectureOf = (modelType: string | undefined): Architecture => {
  const found = architectures.find((each) => each.modelTypes.includes(modelType ?? ''));
  if (found !== undefined) return found;
  const supported = architectures.flatMap((each) => each.modelTypes).join(', ');
  throw new Fault(
    'unsupported',
    `model_type ${modelType === undefined ? 'is missing in config.json' : `"${modelType}" is not supported`}; supported are ${supported}.`,
  );
};
