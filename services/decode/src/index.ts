export { startDecode } from './decode.ts';
