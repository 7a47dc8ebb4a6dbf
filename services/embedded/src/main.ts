import { createLogger, readSettings, runService } from '@isotherm/runtime';
import { startEmbedded } from './embedded.ts';
import { embeddedSettings } from './settings.ts';

const settings = readSettings(embeddedSettings, process.env);
const logger = createLogger({ service: 'embedded', level: settings.logLevel });

await runService(logger, () => startEmbedded(settings, logger));
