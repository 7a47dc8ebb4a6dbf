import { Fault } from '@isotherm/kernel';
import type {
  ReconfigureRequestInput,
  ReconfigureResponse,
  RouterGetStatusResponse,
} from '@isotherm/proto';
import { callUnary, createPeers, type Peers } from '@isotherm/rpc';
import { CommandError } from '../exit-code.ts';
import { terminalOf } from '../show/terminal.ts';
import { findRouter } from '../state/find-router.ts';

export interface ReconfigureOptions {
  readonly precision?: string;
  readonly clock?: number;
  readonly batch?: number;
  readonly threads?: number;
  readonly model?: string;
  readonly address?: string;
  readonly json?: boolean;
}

type Instance = RouterGetStatusResponse['instances'][number];

const statusTimeoutMs = 5000;
/** Opening the graphs of a large model takes its time. */
const switchTimeoutMs = 120_000;

/** `isotherm reconfigure`: another way to run for one instance, or for all of a stage. */
export const reconfigure = async (wanted: string, options: ReconfigureOptions): Promise<void> => {
  const { precision, clock, batch, threads, model } = options;
  if ([precision, clock, batch, threads, model].every((each) => each === undefined)) {
    const flags = '--clock, --batch, --precision, --threads or --model';
    throw new CommandError(`Say what to change: ${flags}.`, { usage: true });
  }
  const request: ReconfigureRequestInput = {
    ...(precision !== undefined && { precision }),
    ...(threads !== undefined && { threads }),
    ...(model !== undefined && { model }),
    ...(clock !== undefined && { clockShare: clock }),
    ...(batch !== undefined && { batchMax: batch }),
  };
  const terminal = terminalOf(process.stdout);
  const peers = createPeers();
  try {
    const chosen = await instancesOf(peers, findRouter(options.address), wanted);
    const switched: Record<string, object> = {};
    // One after the other: an instance holds two engines while it is switched.
    for (const { instanceId, address } of chosen) {
      const now = await switchOne(peers, address, request);
      switched[instanceId] = {
        model: now.model,
        precision: now.precision,
        threads: now.threads,
        clock_share: now.clockShare,
        batch_max: now.batchMax,
      };
      if (options.json !== true) terminal.line(`${instanceId} runs ${howItRuns(now)}`);
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

const howItRuns = (now: ReconfigureResponse): string =>
  [
    ...(now.model === '' ? [] : [`${now.model} ${now.precision}`, threadsText(now.threads)]),
    `at ${Math.round(100 * now.clockShare)} % of its clock`,
    ...(now.batchMax === 0 ? [] : [`batches of ${now.batchMax} at most`]),
  ].join(', ');

const threadsText = (threads: number): string =>
  `on ${threads} ${threads === 1 ? 'thread' : 'threads'}`;

const switchOne = (
  peers: Peers,
  address: string,
  request: ReconfigureRequestInput,
): Promise<ReconfigureResponse> =>
  callUnary<ReconfigureResponse>((callback) =>
    peers.stage(address).reconfigure(request, { deadline: Date.now() + switchTimeoutMs }, callback),
  );
