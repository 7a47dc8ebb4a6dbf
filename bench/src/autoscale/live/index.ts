export * from './measure-live.ts';
export * from './parameters.ts';
