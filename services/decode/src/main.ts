import { serveStage } from '@isotherm/stage';
import { startDecode } from './decode.ts';

await serveStage('decode', startDecode);
