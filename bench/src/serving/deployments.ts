import { shippedModelDir } from '@isotherm/stack';
import type { Deployment } from './systems/isotherm.ts';
import type { WeightyFolders } from './weighty/provide-weighty.ts';

/** How Isotherm is deployed on a machine of two cores: what was found to serve each model best there. */
export const panelDeployment: Deployment = { kind: 'services', modelDir: shippedModelDir };

/** At batch 1 the stages take turns, so each may use both cores. */
export const weightyDeployment = ({ grouped }: WeightyFolders): Deployment => ({
  kind: 'services',
  modelDir: grouped,
  settings: { ISOTHERM_THREADS: '2' },
});
