import { type Fabric, redisFabric } from '@isotherm/lanes';
import type { Neighbours } from '@isotherm/rpc';
import {
  createLogger,
  type Logger,
  problemReporter,
  readSettings,
  type RunningService,
  runService,
  type Schema,
} from '@isotherm/runtime';
import { type StageSettings, stageSettings } from './stage-settings.ts';

/** Starts one stage on a fabric that its caller owns; services that share its process are its neighbours. */
export type StageStarter<Settings extends StageSettings = StageSettings> = (
  settings: Settings,
  fabric: Fabric,
  logger: Logger,
  neighbours?: Neighbours,
) => Promise<RunningService>;

/** A stage service as a process: settings from the environment, lanes and registry in Redis. */
export const serveStage = (service: string, start: StageStarter): Promise<void> =>
  serveStageWith(stageSettings, service, start);

/** The same for a stage that has settings of its own. */
export const serveStageWith = async <Settings extends StageSettings>(
  schema: Schema<Settings>,
  service: string,
  start: StageStarter<Settings>,
): Promise<void> => {
  const settings = readSettings(schema, process.env);
  const logger = createLogger({ service, level: settings.logLevel });
  await runService(logger, async () => {
    const { redisUrl: url, redisPrefix: prefix } = settings;
    const fabric = await redisFabric({ url, prefix, report: problemReporter(logger) });
    const running = await start(settings, fabric, logger);
    return { ...running, stop: () => running.stop().finally(() => fabric.close()) };
  });
};
