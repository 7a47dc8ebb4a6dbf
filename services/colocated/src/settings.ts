import { integer, type Schema } from '@isotherm/runtime';
import { type StageSettings, stageSettings } from '@isotherm/stage';

/** Instances of each stage that share the process. */
export interface InstanceCounts {
  readonly encoders: number;
  readonly prefills: number;
  readonly decodes: number;
}

export type ColocatedSettings = StageSettings & InstanceCounts;

const instancesMax = 64;

/** Their settings: from `fallback`, which may be none, up. */
export const instanceCounts = (fallback: 0 | 1): Schema<InstanceCounts> => {
  const count = (env: string, stage: string) =>
    integer({ env, about: `${stage} instances`, fallback, min: fallback, max: instancesMax });
  return {
    encoders: count('ISOTHERM_ENCODERS', 'encoder'),
    prefills: count('ISOTHERM_PREFILLS', 'prefill'),
    decodes: count('ISOTHERM_DECODES', 'decode'),
  };
};

export const colocatedSettings: Schema<ColocatedSettings> = {
  ...stageSettings,
  ...instanceCounts(0),
};
