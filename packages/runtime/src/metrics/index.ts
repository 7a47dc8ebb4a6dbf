export * from './metrics-door.ts';
export * from './read-metrics.ts';
