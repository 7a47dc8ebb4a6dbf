import { Fault } from '@isotherm/kernel';
import type { ReconfigureResponse, RouterGetStatusResponse } from '@isotherm/proto';
import { callUnary, createPeers, type Peers } from '@isotherm/rpc';
import { terminalOf } from '../show/terminal.ts';
import { findRouter } from '../state/find-router.ts';

export interface ReconfigureOptions {
  readonly precision: string;
  readonly address?: string;
  readonly json?: boolean;
}

type Instance = RouterGetStatusResponse['instances'][number];

const statusTimeoutMs = 5000;
/** Opening the graphs of a large model takes its time. */
const switchTimeoutMs = 120_000;

/** `isotherm reconfigure`: another precision for one instance, or for all of a stage. */
export const reconfigure = async (wanted: string, options: ReconfigureOptions): Promise<void> => {
  const terminal = terminalOf(process.stdout);
  const peers = createPeers();
  try {
    const chosen = await instancesOf(peers, findRouter(options.address), wanted);
    const switched: Record<string, string> = {};
    // One after the other: an instance holds two engines while it is switched.
    for (const { instanceId, address } of chosen) {
      switched[instanceId] = await switchOne(peers, address, options.precision);
      if (options.json !== true) terminal.line(`${instanceId} runs ${switched[instanceId]}`);
    }
    if (options.json === true) terminal.line(JSON.stringify(switched));
  } finally {
    peers.close();
  }
};

const instancesOf = async (
  peers: Peers,
  router: string,
  wanted: string,
): Promise<readonly Instance[]> => {
  const { instances } = await callUnary<RouterGetStatusResponse>((callback) =>
    peers.router(router).getStatus({}, { deadline: Date.now() + statusTimeoutMs }, callback),
  );
  const chosen = instances.filter(
    ({ instanceId, stage }) => instanceId === wanted || stage === wanted,
  );
  if (chosen.length > 0) return chosen;
  const known = instances.map(({ instanceId }) => instanceId).join(', ');
  throw new Fault('not_found', `No instance or stage is called "${wanted}"; there are ${known}.`);
};

const switchOne = async (peers: Peers, address: string, precision: string): Promise<string> => {
  const answer = await callUnary<ReconfigureResponse>((callback) =>
    peers
      .stage(address)
      .reconfigure({ precision }, { deadline: Date.now() + switchTimeoutMs }, callback),
  );
  return answer.precision;
};
