import { shippedModelDir } from '@isotherm/stack';
import type { Deployment } from './systems/isotherm.ts';
import type { WeightyFolders } from './weighty/provide-weighty.ts';

/**
 * How Isotherm is deployed on a machine of two cores: what was found to serve each model best there. Where the model costs
 * nothing, a process a stage costs more than it gives.
 */
export const panelDeployment: Deployment = { kind: 'embedded', modelDir: shippedModelDir };

/** A second picture in a batch makes the first one wait and saves nothing: one core is busy with either. */
export const weightyDeployment = ({ grouped }: WeightyFolders): Deployment => ({
  kind: 'services',
  modelDir: grouped,
  settings: { ISOTHERM_BATCH_MAX: '1' },
});

export const inInt8 = (deployment: Deployment): Deployment => ({
  ...deployment,
  settings: { ...deployment.settings, ISOTHERM_PRECISION: 'int8' },
});
