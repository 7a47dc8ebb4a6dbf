import { say } from '../../report/result.ts';
import type { Slo } from '../load/slo.ts';
import type { ModelParameters } from '../parameters.ts';
import type { PeerOptions } from '../peer/start-monolith.ts';
import { type Deployment, startIsotherm } from '../systems/isotherm.ts';
import { startMonolith } from '../systems/monolith.ts';
import { findGoodputs, type Goodput } from './find-goodput.ts';
import type { Both } from './measure-model.ts';
import { saySaturation } from './say-saturation.ts';
import type { Saturation, Trial } from './trial.ts';

/** Both systems with the model's other weights, held to the same SLO. */
export interface VariantResult {
  readonly name: string;
  readonly saturation: Both<Saturation>;
  readonly goodputBursty: Both<Goodput>;
}

export interface VariantOrder {
  readonly name: string;
  readonly deployment: Deployment;
  readonly peer: PeerOptions;
  readonly slo: Slo;
  readonly redisUrl: string;
}

export const measureVariant = async (
  trial: Trial,
  { name, deployment, peer, slo, redisUrl }: VariantOrder,
  parameters: ModelParameters,
): Promise<VariantResult> => {
  say(`variant ${name}`);
  const monolith = await startMonolith(peer);
  try {
    const isotherm = await startIsotherm(deployment, redisUrl);
    try {
      await trial.warm(monolith);
      await trial.warm(isotherm);
      const saturation = {
        isotherm: await trial.saturate(isotherm, 'mixed'),
        monolith: await trial.saturate(monolith, 'mixed'),
      };
      saySaturation(saturation);
      const order = (system: keyof Both<Saturation>) => ({
        arrivals: 'bursty' as const,
        share: parameters.sloShare,
        slo,
        saturatedPerS: saturation[system].requestsPerS,
      });
      const goodputBursty = await findGoodputs(trial, { isotherm, monolith }, parameters, {
        isotherm: order('isotherm'),
        monolith: order('monolith'),
      });
      return { name, saturation, goodputBursty };
    } finally {
      await isotherm.stop();
    }
  } finally {
    await monolith.stop();
  }
};
