import type { Ablation } from './measure/ablations.ts';
import type { Deployment } from './systems/isotherm.ts';

/**
 * Every mechanism, and the deployment with it switched off. `plainModelDir` holds the same model with a decoder that gives
 * back its whole cache, where there is such a folder: a step then copies it.
 */
export const ablationsOf = (
  deployment: Deployment,
  plainModelDir: string | undefined,
): readonly Ablation[] => {
  const withSettings = (settings: Readonly<Record<string, string>>): Deployment => ({
    ...deployment,
    settings: { ...deployment.settings, ...settings },
  });
  const off = (
    name: string,
    kind: Ablation['kind'],
    settings: Readonly<Record<string, string>>,
  ): Ablation => ({ name, kind, needs: Object.keys(settings), without: withSettings(settings) });
  return [
    off('batching', 'mixed', { ISOTHERM_SLOTS: '1', ISOTHERM_BATCH_MAX: '1' }),
    {
      name: 'in_place_kv',
      kind: 'mixed',
      needs: [],
      without: plainModelDir === undefined ? undefined : { ...deployment, modelDir: plainModelDir },
    },
    off('embedding_cache', 'repeated-images', { ISOTHERM_EMBEDDING_CACHE_BYTES_MAX: '0' }),
    off('prefix_cache', 'shared-prefix', { ISOTHERM_PREFIX_CACHE_BYTES_MAX: '0' }),
    {
      name: deployment.kind === 'services' ? 'stage_split' : 'colocation',
      kind: 'mixed',
      needs: [],
      without: {
        ...deployment,
        kind: deployment.kind === 'services' ? 'embedded' : 'services',
      },
    },
    // Backwards: what the deployment would gain by int8.
    off('fp32', 'mixed', { ISOTHERM_PRECISION: 'int8' }),
  ];
};
