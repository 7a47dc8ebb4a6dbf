import { type Fabric, redisFabric } from '@isotherm/lanes';
import {
  createLogger,
  type Logger,
  problemReporter,
  readSettings,
  type RunningService,
  runService,
} from '@isotherm/runtime';
import { type StageSettings, stageSettings } from './stage-settings.ts';

/** Starts one stage on a fabric that its caller owns. */
export type StageStarter = (
  settings: StageSettings,
  fabric: Fabric,
  logger: Logger,
) => Promise<RunningService>;

/** A stage service as a process: settings from the environment, lanes and registry in Redis. */
export const serveStage = async (service: string, start: StageStarter): Promise<void> => {
  const settings = readSettings(stageSettings, process.env);
  const logger = createLogger({ service, level: settings.logLevel });
  await runService(logger, async () => {
    const { redisUrl: url, redisPrefix: prefix } = settings;
    const fabric = await redisFabric({ url, prefix, report: problemReporter(logger) });
    const running = await start(settings, fabric, logger);
    return { ...running, stop: () => running.stop().finally(() => fabric.close()) };
  });
};
