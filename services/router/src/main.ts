import { redisFabric } from '@isotherm/lanes';
import { createLogger, problemReporter, readSettings, runService } from '@isotherm/runtime';
import { loadModels } from './load-models.ts';
import { startRouter } from './router.ts';
import { routerSettings } from './settings.ts';

const settings = readSettings(routerSettings, process.env);
const logger = createLogger({ service: 'router', level: settings.logLevel });

await runService(logger, async () => {
  const models = await loadModels(settings);
  const { redisUrl: url, redisPrefix: prefix } = settings;
  const fabric = await redisFabric({ url, prefix, report: problemReporter(logger) });
  const service = await startRouter(settings, models, fabric, logger);
  return { ...service, stop: () => service.stop().finally(() => fabric.close()) };
});
