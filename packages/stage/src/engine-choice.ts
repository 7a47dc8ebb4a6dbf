import { delimiter } from 'node:path';
import type { ModelFacts, ProfileOptions } from '@isotherm/engine';
import { optionsOfProfile, parseProfileOptions, profileFacts } from '@isotherm/engine/profile';
import { Fault, type ProfiledStage } from '@isotherm/kernel';
import { listOf, readModelProfile } from '@isotherm/runtime/profile-file';
import { asPrecision } from './levers.ts';
import type { Loads } from './loads.ts';
import { type ModelLoad, modelLoads } from './model-loads.ts';
import { type ProfileLoad, profileLoads } from './profile-loads.ts';
import type { StageSettings } from './stage-settings.ts';

/** What a stage runs, read from its settings. */
export type EngineChoice =
  | {
      readonly kind: 'profile';
      readonly facts: ModelFacts;
      readonly options: ProfileOptions;
      /** What a stage can stand in for by its profiles' files; undefined without one. */
      readonly loadsOf: (stage: ProfiledStage) => Loads<ProfileLoad> | undefined;
    }
  | { readonly kind: 'onnx'; readonly facts: ModelFacts; readonly loads: Loads<ModelLoad> };

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
  const { folder, ...loads } = await modelLoads(settings);
  return { kind: 'onnx', facts: folder.facts(asPrecision(settings.precision)), loads };
};

/** What the file says counts for more than the stage's settings, and what `ISOTHERM_PROFILE` says for more than both. */
const chooseProfile = async (settings: StageSettings): Promise<EngineChoice> => {
  const { slots, batchMax, profileFile } = settings;
  const names = listOf(settings.profileEntries);
  const stated = parseProfileOptions(settings.profile);
  const file = profileFile === '' ? undefined : await readModelProfile(profileFile);
  const others = await Promise.all(
    settings.modelVariants
      .split(delimiter)
      .filter((path) => path !== '')
      .map(readModelProfile),
  );
  const options = {
    ...{ slots, batchMax },
    ...(file !== undefined && optionsOfProfile(file, names)),
    ...stated,
  };
  return {
    ...{ kind: 'profile', facts: profileFacts(options), options },
    loadsOf: (stage) =>
      file &&
      profileLoads([file, ...others], stage, {
        names,
        optionsOf: (batches) => ({ ...options, ...batches, ...stated }),
      }),
  };
};

/** The failure of an engine that runs in the service's own thread: never. */
export const neverFails: Promise<Error> = new Promise(() => undefined);
