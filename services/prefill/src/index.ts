export { startPrefill } from './prefill.ts';
