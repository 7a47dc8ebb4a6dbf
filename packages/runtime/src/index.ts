export * from './life-cycle.ts';
export * from './logging.ts';
export * from './loop-delay.ts';
export * from './process-priority.ts';
export * from './service-settings.ts';
export * from './settings.ts';
export * from './start-together.ts';
