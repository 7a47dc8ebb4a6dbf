export * from './embedded.ts';
export * from './settings.ts';
