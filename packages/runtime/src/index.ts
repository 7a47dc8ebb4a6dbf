export * from './life-cycle.ts';
export * from './logging.ts';
export * from './settings.ts';
