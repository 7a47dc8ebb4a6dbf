import { serveStageWith } from '@isotherm/stage';
import { startColocated } from './colocated.ts';
import { colocatedSettings } from './settings.ts';

await serveStageWith(colocatedSettings, 'colocated', startColocated);
