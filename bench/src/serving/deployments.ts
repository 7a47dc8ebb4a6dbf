import { shippedModelDir } from '@isotherm/stack';
import type { Deployment } from './systems/isotherm.ts';
import type { WeightyFolders } from './weighty/provide-weighty.ts';

/**
 * How Isotherm is deployed on a machine of two cores: what was found to serve each model best there. All stages in one
 * process, since there is nothing to gain from more: with `panel` a process a stage costs more than all else, with `weighty`
 * a KV cache of 17 MB that goes through the network takes as long as two tokens. The ablation shows what it costs.
 */
export const panelDeployment: Deployment = { kind: 'embedded', modelDir: shippedModelDir };

/** A second picture in a batch makes the first one wait and saves nothing: one core is busy with either. */
export const weightyDeployment = ({ grouped }: WeightyFolders): Deployment => ({
  kind: 'embedded',
  modelDir: grouped,
  settings: { ISOTHERM_BATCH_MAX: '1' },
});

export const inInt8 = (deployment: Deployment): Deployment => ({
  ...deployment,
  settings: { ...deployment.settings, ISOTHERM_PRECISION: 'int8' },
});
