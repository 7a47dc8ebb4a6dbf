import type { ModelFacts, ProfileOptions } from '@isotherm/engine';
import {
  chooseEntry,
  optionsOfProfile,
  parseProfileOptions,
  profiledTime,
  profileFacts,
  type StageTime,
} from '@isotherm/engine/profile';
import { type Precision, readModelFolder } from '@isotherm/engine/text';
import { Fault, type ModelProfile } from '@isotherm/kernel';
import { listOf, readModelProfile } from '@isotherm/runtime/profile-file';
import { asPrecision } from './levers.ts';
import type { StageSettings } from './stage-settings.ts';

/** What a stage runs, read from its settings. */
export type EngineChoice =
  | {
      readonly kind: 'profile';
      readonly facts: ModelFacts;
      readonly options: ProfileOptions;
      /** Times of a stage by the profile's file; undefined without one. */
      readonly timeOf: (stage: ModelProfile['stages'][number]['stage']) => StageTime | undefined;
    }
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
    return chooseProfile(settings);
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

/** What the file says counts for more than the stage's settings, and what `ISOTHERM_PROFILE` says for more than both. */
const chooseProfile = async (settings: StageSettings): Promise<EngineChoice> => {
  const { slots, batchMax, profileFile } = settings;
  const names = listOf(settings.profileEntries);
  const file = profileFile === '' ? undefined : await readModelProfile(profileFile);
  const options = {
    ...{ slots, batchMax },
    ...(file !== undefined && optionsOfProfile(file, names)),
    ...parseProfileOptions(settings.profile),
  };
  return {
    ...{ kind: 'profile', facts: profileFacts(options), options },
    timeOf: (stage) => file && profiledTime(chooseEntry(file, stage, names)),
  };
};

/** The failure of an engine that runs in the service's own thread: never. */
export const neverFails: Promise<Error> = new Promise(() => undefined);
