export * from './load-models.ts';
export * from './router.ts';
export * from './settings.ts';
