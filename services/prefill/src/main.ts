import { serveStage } from '@isotherm/stage';
import { startPrefill } from './prefill.ts';

await serveStage('prefill', startPrefill);
