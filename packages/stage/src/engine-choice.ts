import type { ModelFacts, ProfileOptions } from '@isotherm/engine';
import { parseProfileOptions, profileFacts } from '@isotherm/engine/profile';
import { type Precision, readModelFolder } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import { asPrecision } from './levers.ts';
import type { StageSettings } from './stage-settings.ts';

/** What a stage runs, read from its settings. */
export type EngineChoice =
  | { readonly kind: 'profile'; readonly facts: ModelFacts; readonly options: ProfileOptions }
  | {
      readonly kind: 'onnx';
      readonly facts: ModelFacts;
      readonly options: {
        readonly modelDir: string;
        readonly precision: Precision;
        readonly threads: number;
      };
    };

/** Throws `invalid_argument` for a precision or a profile that is none, `unsupported` for a model that cannot be served. */
export const chooseEngine = async (settings: StageSettings): Promise<EngineChoice> => {
  if (settings.engine === 'profile') {
    const { slots, batchMax } = settings;
    const options = { slots, batchMax, ...parseProfileOptions(settings.profile) };
    return { kind: 'profile', facts: profileFacts(options), options };
  }
  if (settings.engine === 'upstream') {
    throw new Fault(
      'unsupported',
      'A server runs its model whole: start services/upstream for it.',
    );
  }
  const { modelDir, threads } = settings;
  const precision = asPrecision(settings.precision);
  const folder = await readModelFolder(modelDir);
  return {
    kind: 'onnx',
    facts: folder.facts(precision),
    options: { modelDir, precision, threads },
  };
};

/** The failure of an engine that runs in the service's own thread: never. */
export const neverFails: Promise<Error> = new Promise(() => undefined);
