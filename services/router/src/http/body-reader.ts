import type { IncomingMessage } from 'node:http';
import { Fault } from '@isotherm/kernel';

export interface BodyBounds {
  /** Largest body in bytes. */
  readonly bodyBytesMax: number;
  /** Most bytes of all bodies in hand. */
  readonly bodyBytesInFlightMax: number;
}

/** A body in memory; it counts against the bound until it is released, exactly once. */
export interface HeldBody {
  readonly bytes: Uint8Array;
  release(): void;
}

/** Reads bodies under a bound for each and a bound for all. */
export interface BodyReader {
  /** Faults: `payload_too_large` for one that is too large, `saturated` when too much is in hand already. */
  read(request: IncomingMessage): Promise<HeldBody>;
  /** Bytes in hand. */
  readonly bytes: number;
}

export const createBodyReader = (bounds: BodyBounds): BodyReader => {
  let inHand = 0;

  const tooLarge = (): Fault =>
    new Fault(
      'payload_too_large',
      `A body may have ${bounds.bodyBytesMax} bytes; this one has more.`,
    );

  const take = (bytes: number): void => {
    if (inHand + bytes > bounds.bodyBytesInFlightMax) {
      throw new Fault('saturated', 'The router holds as many bytes of requests as it may.');
    }
    inHand += bytes;
  };

  return {
    read: async (request) => {
      // Known beforehand, it is refused before a byte is read.
      if (Number(request.headers['content-length'] ?? 0) > bounds.bodyBytesMax) throw tooLarge();
      const chunks: Buffer[] = [];
      let bytes = 0;
      const release = (): void => {
        inHand -= bytes;
        bytes = 0;
      };
      try {
        await eachChunk(request, (chunk) => {
          take(chunk.length);
          bytes += chunk.length;
          if (bytes > bounds.bodyBytesMax) throw tooLarge();
          chunks.push(chunk);
        });
        const [only] = chunks;
        const isOne = chunks.length === 1 && only !== undefined;
        return { bytes: isOne ? only : Buffer.concat(chunks, bytes), release };
      } catch (error) {
        release();
        throw error;
      }
    },
    get bytes() {
      return inHand;
    },
  };
};

/**
 * By events: the iterator of a stream costs a small request more than parsing it does. What is left of a body that is
 * refused stays unread. Faults: what `take` throws, `cancelled` when the client has gone.
 */
const eachChunk = (request: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      try {
        take(chunk);
      } catch (error) {
        request.off('data', hear);
        request.pause();
        reject(Fault.from(error));
      }
    };
    const leave = (cause?: Error): void => {
      if (!request.readableEnded) reject(new Fault('cancelled', 'The client has gone.', { cause }));
    };
    request.on('data', hear);
    request.once('end', resolve);
    request.once('error', leave);
    request.once('close', leave);
  });
