/**
 * Engines of the stages behind one contract. Nothing heavy is loaded by importing this: graphs and image libraries are
 * imported inside worker threads, when an engine starts.
 */
export * from './contract.ts';
export * from './profile/index.ts';
