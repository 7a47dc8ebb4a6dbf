/** Entry `@isotherm/engine/upstream/testing`: stand-ins for the servers of `@isotherm/engine/upstream`, for tests. */
export * from './kv-pair.ts';
export * from './stand-in.ts';
