import type { Socket } from 'node:net';
import type { LinkFault } from './link-fault.ts';

/** The way of bytes from one end of a connection to the other. */
export interface OneWay {
  /** The fault has changed: what waits may go now, or must wait. */
  changed(): void;
  /** Loses what waits and all that comes. */
  vanish(): void;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly readMs: number;
}

/** Bytes that may wait here before the sender is held back. */
const waitingBytesMax = 256 << 10;
/** A slow link sends pieces of this many milliseconds. */
const pieceMs = 20;

/**
 * Passes bytes from one socket to the other as the fault of the link has it. The end of the one ends the other when all
 * has been passed on.
 */
export const oneWay = (from: Socket, to: Socket, fault: () => LinkFault | undefined): OneWay => {
  const waiting: Waiting[] = [];
  let waitingBytes = 0;
  let ended = false;
  let vanished = false;
  let sending = false;
  let timer: NodeJS.Timeout | undefined;

  /** Milliseconds until the first piece may go; undefined where it may not for now. */
  const dueInMs = ({ readMs }: Waiting): number | undefined => {
    const now = fault();
    if (now?.kind === 'stall') return undefined;
    return now?.kind === 'delay' ? Math.max(0, readMs + now.ms - performance.now()) : 0;
  };

  const take = (next: Waiting): Buffer => {
    const now = fault();
    const most = now?.kind === 'slow' ? Math.ceil((now.bytesPerSecond * pieceMs) / 1000) : Infinity;
    waiting.shift();
    if (next.bytes.length > most) {
      waiting.unshift({ ...next, bytes: next.bytes.subarray(most) });
    }
    const piece = next.bytes.subarray(0, most);
    waitingBytes -= piece.length;
    if (waitingBytes < waitingBytesMax) from.resume();
    return piece;
  };

  const later = (ms: number): void => {
    sending = true;
    timer = setTimeout(() => {
      sending = false;
      send();
    }, ms);
  };

  const send = (): void => {
    while (!sending && !vanished) {
      const [next] = waiting;
      if (next === undefined) {
        if (ended) to.end();
        return;
      }
      const ms = dueInMs(next);
      if (ms === undefined) return;
      if (ms > 0) return later(ms);
      const hasRoom = to.write(take(next));
      if (fault()?.kind === 'slow') return later(pieceMs);
      if (hasRoom) continue;
      sending = true;
      to.once('drain', () => {
        sending = false;
        send();
      });
    }
  };

  from.on('data', (bytes) => {
    if (vanished) return;
    waiting.push({ bytes, readMs: performance.now() });
    waitingBytes += bytes.length;
    if (waitingBytes >= waitingBytesMax) from.pause();
    send();
  });
  from.on('end', () => {
    ended = true;
    send();
  });
  const stop = (): void => {
    clearTimeout(timer);
    waiting.length = 0;
    waitingBytes = 0;
  };
  to.on('close', stop);
  return {
    changed: () => {
      if (timer !== undefined) {
        clearTimeout(timer);
        timer = undefined;
        sending = to.writableNeedDrain;
      }
      send();
    },
    vanish: () => {
      vanished = true;
      stop();
      from.resume();
    },
  };
};
