import { parseProfileOptions } from '@isotherm/engine/profile';
import { createProfileTextModel, loadTextModel } from '@isotherm/engine/text';
import { redisFabric } from '@isotherm/lanes';
import { createLogger, problemReporter, readSettings, runService } from '@isotherm/runtime';
import { startRouter } from './router.ts';
import { routerSettings } from './settings.ts';

const settings = readSettings(routerSettings, process.env);
const logger = createLogger({ service: 'router', level: settings.logLevel });

await runService(logger, async () => {
  const model =
    settings.engine === 'upstream'
      ? undefined
      : settings.engine === 'profile'
        ? createProfileTextModel(parseProfileOptions(settings.profile))
        : await loadTextModel(settings.modelDir);
  const { redisUrl: url, redisPrefix: prefix } = settings;
  const fabric = await redisFabric({ url, prefix, report: problemReporter(logger) });
  const service = await startRouter(settings, model, fabric, logger);
  return { ...service, stop: () => service.stop().finally(() => fabric.close()) };
});
