import type { ClientWritableStream } from '@grpc/grpc-js';
import type { InstanceId } from '@isotherm/kernel';
import type { InstanceRecord } from '@isotherm/lanes';
import type { AheadJobInput, GoAheadRequestInput } from '@isotherm/proto';
import { packPayload, type Payload, payloadBytes, type Peers, smallBytesMax } from '@isotherm/rpc';

/** A job whose copy goes ahead of its lane, and what it names of this router's payloads. */
export interface AheadCopy {
  readonly id: string;
  /** What the lane gets. */
  readonly body: object;
  readonly payloads: readonly LeasedPayload[];
}

export interface LeasedPayload {
  readonly leaseId: string;
  readonly payload: Payload;
  /** Told when it has gone: then it need not be pulled. */
  readonly sent: (() => void) | undefined;
}

/**
 * Tells instances of jobs while these are on their way into the lanes, over one stream an instance: a way of one hop instead
 * of four. What becomes of a copy nobody asks: the lane has the job.
 */
export interface JobsAhead {
  /** Sends a copy at the end of this turn of the event loop. `false`: not sent, since the instance is near or does not read. */
  send(to: InstanceRecord, copy: AheadCopy): boolean;
  close(): void;
}

type AheadStream = ClientWritableStream<GoAheadRequestInput>;

interface Line {
  readonly address: string;
  readonly stream: AheadStream;
  gathered: AheadJobInput[];
}

export const createJobsAhead = (peers: Pick<Peers, 'stage' | 'neighbours'>): JobsAhead => {
  const lines = new Map<InstanceId, Line>();

  const end = (instance: InstanceId, line: Line, how: 'end' | 'cancel'): void => {
    if (lines.get(instance) === line) lines.delete(instance);
    line.stream[how]();
  };
  const open = ({ id, address }: InstanceRecord): Line => {
    const stream: AheadStream = peers.stage(address).goAhead(() => {
      if (lines.get(id) === line) lines.delete(id);
    });
    // What ends it comes by its callback as well.
    stream.on('error', () => undefined);
    const line: Line = { address, stream, gathered: [] };
    lines.set(id, line);
    return line;
  };
  const lineTo = (to: InstanceRecord): Line => {
    const known = lines.get(to.id);
    if (known?.address === to.address) return known;
    if (known !== undefined) end(to.id, known, 'cancel');
    return open(to);
  };

  return {
    send: (to, copy) => {
      if (peers.neighbours.at(to.address) !== undefined) return false;
      const line = lineTo(to);
      // The lane is the way to one that does not keep up.
      if (line.stream.writableNeedDrain || line.stream.writableLength > 0) return false;
      if (line.gathered.push(messageOf(copy)) > 1) return true;
      // Sooner than what goes into the lane, so that it does not wait for that to be written.
      process.nextTick(() => {
        const jobs = line.gathered;
        line.gathered = [];
        if (lines.get(to.id) === line) line.stream.write({ jobs });
      });
      return true;
    },
    close: () => {
      for (const [instance, line] of lines) end(instance, line, 'end');
    },
  };
};

/** Large payloads are pulled, whichever way their job comes. */
const messageOf = ({ id, body, payloads }: AheadCopy): AheadJobInput => ({
  jobId: id,
  body: JSON.stringify(body),
  payloads: payloads
    .filter(({ payload }) => payloadBytes(payload) <= smallBytesMax)
    .map(({ leaseId, payload, sent }) => {
      sent?.();
      return { leaseId, ...packPayload(payload) };
    }),
});
