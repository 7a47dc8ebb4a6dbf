export * from './router.ts';
export * from './settings.ts';
