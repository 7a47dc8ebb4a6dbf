import { round } from '../../report/percentiles.ts';
import { say } from '../../report/result.ts';
import type { ModelParameters } from '../parameters.ts';
import type { PeerOptions } from '../peer/start-monolith.ts';
import { type Monolith, startMonolith } from '../systems/monolith.ts';
import type { Trial } from './trial.ts';

export interface PeerTrial {
  readonly peer: string;
  readonly requestsPerS: number;
}

/** The peer as it runs best, and how the others did. */
export interface ChosenPeer {
  readonly monolith: Monolith;
  readonly options: PeerOptions;
  readonly trials: readonly PeerTrial[];
}

/** Tries every shape on every folder for a while, and starts the one that answers most. */
export const choosePeer = async (
  trial: Trial,
  folders: Readonly<Record<string, string>>,
  parameters: ModelParameters,
): Promise<ChosenPeer> => {
  const candidates = Object.entries(folders).flatMap(([folder, modelDir]) =>
    parameters.peerShapes.map((shape) => ({
      peer: `${folder}, ${shape.processes} processes of ${shape.threads} threads`,
      options: { ...shape, modelDir, precision: 'fp32' } as const,
    })),
  );
  const [only] = candidates;
  if (only === undefined) throw new Error('There is no shape of the peer to measure.');
  if (candidates.length === 1) {
    return { monolith: await startMonolith(only.options), options: only.options, trials: [] };
  }
  const trials: (PeerTrial & { readonly options: PeerOptions })[] = [];
  for (const { peer, options } of candidates) {
    const monolith = await startMonolith(options);
    try {
      await trial.warm(monolith);
      const saturation = await trial.saturate(monolith, 'mixed', parameters.peerTrialS);
      const { requestsPerS, failed } = saturation;
      // A peer that fails would be the easiest one to beat.
      if (failed > 0) throw new Error(`The peer (${peer}) failed ${failed} requests.`);
      trials.push({ peer, requestsPerS: round(requestsPerS), options });
      say(`  peer, ${peer}: ${requestsPerS} requests/s`);
    } finally {
      await monolith.stop();
    }
  }
  const best = trials.reduce((a, b) => (b.requestsPerS > a.requestsPerS ? b : a));
  say(`  measured against: ${best.peer}`);
  return {
    monolith: await startMonolith(best.options),
    options: best.options,
    trials: trials.map(({ peer, requestsPerS }) => ({ peer, requestsPerS })),
  };
};
