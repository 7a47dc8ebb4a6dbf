import { serveStage } from '@isotherm/stage';
import { startEncoder } from './encoder.ts';

await serveStage('encoder', startEncoder);
