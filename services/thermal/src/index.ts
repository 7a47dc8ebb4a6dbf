export * from './telemetry/source.ts';
export type { RawReading } from './telemetry/reading.ts';
