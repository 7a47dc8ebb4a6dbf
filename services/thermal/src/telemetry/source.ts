import type { RawReading } from './reading.ts';

export const sourceKinds = [
  'dcgm',
  'redfish',
  'hwmon',
  'rapl',
  'nvidia_smi',
  'instances',
  'reported',
  'room',
] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** What a source has to say: readings taken at one time, or why it has none. */
export type SourceReport =
  | {
      readonly kind: 'readings';
      /** When they were taken: Unix time in milliseconds. */
      readonly atMs: number;
      readonly readings: readonly RawReading[];
    }
  | {
      readonly kind: 'failed';
      /** What is wrong, in a sentence for an operator; no secrets. */
      readonly problem: string;
    };

export type PushReport = (report: SourceReport) => void;

/**
 * Where readings come from: an exporter, a management controller, a driver. It says what it reads as it is; the intake
 * checks everything. It reads until the signal aborts, reports what goes wrong as a value, and tries again by itself:
 * the promise resolves only when it has ended for good.
 */
export interface TelemetrySource {
  /** Unique among the sources of one service: 1 to 64 of letters, digits and ._- */
  readonly name: string;
  readonly kind: SourceKind;
  start(push: PushReport, signal: AbortSignal): Promise<void>;
}

/** Names of sources: they end up in metrics. */
export const sourceNamePattern = /^[A-Za-z0-9._-]{1,64}$/;
