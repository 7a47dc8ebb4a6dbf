export * from './colocated.ts';
export * from './settings.ts';
export * from './stage-starts.ts';
