import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '@isotherm/kernel';
import type { GetRoomResponse } from '@isotherm/proto';
import { callUnary, createPeers, type Peers } from '@isotherm/rpc';
import { CommandError } from '../exit-code.ts';
import { type Terminal, terminalOf } from '../show/terminal.ts';
import { findThermal, type ThermalWhere } from '../state/find-thermal.ts';
import { roomJson } from './room-json.ts';
import { roomLines } from './room-lines.ts';

export interface RoomOptions extends ThermalWhere {
  readonly once?: boolean;
  readonly json?: boolean;
  /** Seconds between two looks. */
  readonly every: number;
}

const timeoutMs = 5000;

/** `isotherm room`: the room, live at a terminal; once into a pipe. */
export const room = async (options: RoomOptions): Promise<void> => {
  const terminal = terminalOf(process.stdout);
  const peers = createPeers();
  try {
    const address = await findThermal(peers, options);
    if (options.json === true) {
      return terminal.line(JSON.stringify(roomJson(await getRoom(peers, address))));
    }
    if (options.once === true || !terminal.interactive) {
      for (const line of roomLines(await getRoom(peers, address), terminal)) terminal.line(line);
      return;
    }
    await live(peers, address, terminal, options.every * 1000);
  } finally {
    peers.close();
  }
};

/** Faults become one line that says what to do. */
export const getRoom = async (peers: Peers, address: string): Promise<GetRoomResponse> => {
  try {
    return await callUnary<GetRoomResponse>((callback) =>
      peers.thermal(address).getRoom({}, { deadline: Date.now() + timeoutMs }, callback),
    );
  } catch (thrown) {
    const { message } = Fault.from(thrown);
    throw new CommandError(`The thermal service at ${address} did not answer: ${message}`);
  }
};

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const home = '\u001b[H';
const clearLine = '\u001b[K';
const clearBelow = '\u001b[J';
const clearAll = '\u001b[2J';

/** Draws over itself until Ctrl-C. */
const live = async (
  peers: Peers,
  address: string,
  terminal: Terminal,
  everyMs: number,
): Promise<void> => {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  terminal.write(hideCursor + clearAll);
  try {
    while (!stop.signal.aborted) {
      const lines = [...roomLines(await getRoom(peers, address), terminal), '', 'Ctrl-C leaves.'];
      terminal.write(home + lines.map((line) => `${line}${clearLine}\n`).join('') + clearBelow);
      await delay(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    terminal.write(showCursor);
  }
};
