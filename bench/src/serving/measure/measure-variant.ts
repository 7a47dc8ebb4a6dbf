import { say } from '../../report/result.ts';
import type { Slo } from '../load/slo.ts';
import type { ModelParameters } from '../parameters.ts';
import { type Deployment, startIsotherm } from '../systems/isotherm.ts';
import type { PeerOptions } from '../peer/start-monolith.ts';
import { startMonolith } from '../systems/monolith.ts';
import { findGoodput, type Goodput } from './find-goodput.ts';
import type { Saturation, Trial } from './trial.ts';

/** Another way to deploy Isotherm, held to the same SLO. */
export interface VariantResult {
  readonly name: string;
  readonly saturation: Saturation;
  readonly goodputBursty: Goodput;
  /** The peer with the same weights. */
  readonly monolithSaturation: Saturation;
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
  const monolithSaturation = await trial
    .warm(monolith)
    .then(() => trial.saturate(monolith, 'mixed'))
    .finally(() => monolith.stop());
  say(`  saturated monolith: ${monolithSaturation.requestsPerS} requests/s`);
  const system = await startIsotherm(deployment, redisUrl);
  try {
    await trial.warm(system);
    const saturation = await trial.saturate(system, 'mixed');
    const { requestsPerS: saturatedPerS, tokensPerS } = saturation;
    say(`  saturated: ${saturatedPerS} requests/s, ${tokensPerS} tokens/s`);
    const order = { arrivals: 'bursty', slo, saturatedPerS } as const;
    const goodputBursty = await findGoodput(trial, system, parameters, order);
    return { name, saturation, goodputBursty, monolithSaturation };
  } finally {
    await system.stop();
  }
};
