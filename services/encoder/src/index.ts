export { startEncoder } from './encoder.ts';
