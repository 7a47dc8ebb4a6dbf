export * from './settings.ts';
export { startUpstream } from './upstream.ts';
