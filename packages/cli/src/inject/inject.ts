import { Fault } from '@isotherm/kernel';
import type {
  ClearEmergencyResponse,
  DeclareEmergencyResponse,
  ThermalEmergency,
} from '@isotherm/proto';
import { callUnary, createPeers, type Peers } from '@isotherm/rpc';
import { CommandError } from '../exit-code.ts';
import { emergencyText } from '../room/room-lines.ts';
import { terminalOf } from '../show/terminal.ts';
import { findThermal, type ThermalWhere } from '../state/find-thermal.ts';
import { emergencyOf, type InjectionFlags } from './emergency-of.ts';

export interface InjectOptions extends ThermalWhere, InjectionFlags {
  readonly json?: boolean;
}

const timeoutMs = 5000;

/** `isotherm inject`: something is lost, in a virtual room; or `clear`, it is back. */
export const inject = async (
  what: string,
  id: string | undefined,
  { thermal, address, json, ...flags }: InjectOptions,
): Promise<void> => {
  const terminal = terminalOf(process.stdout);
  const peers = createPeers();
  try {
    const wanted = what === 'clear' ? undefined : emergencyOf(what, flags);
    const where = await findThermal(peers, {
      ...(thermal && { thermal }),
      ...(address && { address }),
    });
    const changed =
      wanted === undefined
        ? await clear(peers, where, id ?? '')
        : [await declare(peers, where, wanted)];
    if (json === true) return terminal.line(JSON.stringify(changed.map(emergencyJson)));
    for (const each of changed) {
      const text = emergencyText({ ...each, sinceMs: 0 }, { atMs: 0 });
      terminal.line(`${wanted === undefined ? 'over: ' : ''}${text}`);
    }
    if (changed.length === 0) terminal.line('Nothing was on.');
    if (wanted !== undefined && terminal.interactive) {
      terminal.line('Watch it with isotherm room; isotherm inject clear ends it.');
    }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    throw new CommandError(thrown.message, { usage: thrown.code === 'invalid_argument' });
  } finally {
    peers.close();
  }
};

const declare = async (
  peers: Peers,
  address: string,
  emergency: ReturnType<typeof emergencyOf>,
): Promise<ThermalEmergency> => {
  const answer = await callUnary<DeclareEmergencyResponse>((callback) =>
    peers
      .thermal(address)
      .declareEmergency({ emergency }, { deadline: Date.now() + timeoutMs }, callback),
  );
  if (answer.emergency === null) throw new CommandError('The thermal service declared nothing.');
  return answer.emergency;
};

const clear = async (
  peers: Peers,
  address: string,
  id: string,
): Promise<readonly ThermalEmergency[]> => {
  const answer = await callUnary<ClearEmergencyResponse>((callback) =>
    peers.thermal(address).clearEmergency({ id }, { deadline: Date.now() + timeoutMs }, callback),
  );
  return answer.cleared;
};

const emergencyJson = ({ id, kind, scope, toShare, byK, forS }: ThermalEmergency): object => ({
  ...{ id, kind, scope: scope === null ? null : `${scope.kind}:${scope.id}` },
  ...{ to_share: toShare, by_k: byK, for_s: forS },
});
