import type {
  sendUnaryData,
  ServerReadableStream,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { Metadata } from '@grpc/grpc-js';
import type { AheadJob, AheadPayload, GoAheadRequest, GoAheadResponseInput } from '@isotherm/proto';
import { type GivenPayloads, smallBytesMax, unpackPayload } from '@isotherm/rpc';

/** Takes copies of jobs that come past the lane. */
export interface AheadIntake {
  /** The call of StageService that they come by. */
  readonly calls: Pick<UntypedServiceImplementation, 'GoAhead'>;
  /** From now on `take` gets each copy; those before are left to the lane. */
  begin(take: TakeAhead): void;
  /** Ends all streams: a server that shuts down would wait for them. */
  close(): void;
}

/** Takes a copy: its id, the job as the lane has it, and the payloads that came with it. */
export type TakeAhead = (id: string, job: unknown, given: GivenPayloads | undefined) => void;

export const createAheadIntake = (): AheadIntake => {
  let take: TakeAhead | undefined;
  const endings = new Set<() => void>();
  const hear = (job: AheadJob): void => {
    let body: unknown;
    try {
      body = JSON.parse(job.body);
    } catch {
      // The lane has it right.
      return;
    }
    take?.(job.jobId, body, givenOf(job.payloads));
  };
  const serve = (
    call: ServerReadableStream<GoAheadRequest, unknown>,
    callback: sendUnaryData<GoAheadResponseInput>,
  ): void => {
    const end = (): void => {
      if (endings.delete(end)) callback(null, {});
    };
    endings.add(end);
    // Until a call is answered, its client keeps all that it has sent.
    call.sendMetadata(new Metadata());
    call.on('data', ({ jobs }: GoAheadRequest) => jobs.forEach(hear));
    call.on('end', end);
    call.on('cancelled', () => endings.delete(end));
    call.on('error', () => endings.delete(end));
  };
  return {
    calls: { GoAhead: serve },
    begin: (taken) => {
      take = taken;
    },
    close: () => {
      for (const end of endings) end();
    },
  };
};

/** What cannot be read is pulled. */
const givenOf = (payloads: readonly AheadPayload[]): GivenPayloads | undefined => {
  if (payloads.length === 0) return undefined;
  const left = new Map(payloads.map((payload) => [payload.leaseId, payload]));
  return {
    take: (leaseId) => {
      const payload = left.get(leaseId);
      left.delete(leaseId);
      if (payload === undefined || payload.manifest === null) return undefined;
      try {
        return unpackPayload(payload.manifest, payload.data, smallBytesMax);
      } catch {
        return undefined;
      }
    },
  };
};
