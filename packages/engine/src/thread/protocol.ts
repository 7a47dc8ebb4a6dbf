import { Fault, type FaultCode } from '@isotherm/kernel';

/** The calls that a worker thread answers: a name for each, with what goes in and what comes out. */
export type Calls = Readonly<
  Record<string, { readonly request: unknown; readonly response: unknown }>
>;

/** A fault in a form that structured cloning keeps. */
export interface FaultRecord {
  readonly code: FaultCode;
  readonly message: string;
  readonly param: string | undefined;
}

export interface CallMessage {
  readonly id: number;
  readonly name: string;
  readonly request: unknown;
}

export type ReplyMessage =
  | { readonly kind: 'done'; readonly id: number; readonly response: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: FaultRecord };

/**
 * A thrown value for the other thread. An unexpected error's text goes along, since its cause cannot cross: the log of
 * the host is the only place where it will be seen.
 */
export const toFaultRecord = (thrown: unknown): FaultRecord => {
  if (thrown instanceof Fault) {
    return { code: thrown.code, message: thrown.message, param: thrown.param };
  }
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message: `The engine failed: ${reason}`, param: undefined };
};

export const fromFaultRecord = (record: FaultRecord): Fault =>
  new Fault(record.code, record.message, record.param === undefined ? {} : { param: record.param });
