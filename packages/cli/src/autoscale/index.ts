export * from './keep-scaled.ts';
export * from './pool.ts';
