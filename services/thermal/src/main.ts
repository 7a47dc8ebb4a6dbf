import { setTimeout } from 'node:timers/promises';
import { redisFabric } from '@isotherm/lanes';
import { exampleRoom } from '@isotherm/plant';
import { createLogger, problemReporter, readSettings, runService } from '@isotherm/runtime';
import { redisHistory } from './history/redis-history.ts';
import { thermalSettings } from './settings.ts';
import { startThermal } from './thermal.ts';
import { readRoomFile } from './topology/room-file.ts';

const readyMsMax = 5_000;
const settings = readSettings(thermalSettings, process.env);
const logger = createLogger({ service: 'thermal', level: settings.logLevel });

await runService(logger, async () => {
  const { roomFile, redisUrl: url, redisPrefix: prefix } = settings;
  const room =
    roomFile === '' ? { plan: exampleRoom(), hourlyC: [] } : await readRoomFile(roomFile);
  const report = problemReporter(logger);
  const fabric = await redisFabric({ url, prefix, report });
  const history = redisHistory(url, (cause) => report({ kind: 'history_failed', cause }));
  // What is on is read before the first decision; a Redis that does not come is somebody else's problem to report.
  await Promise.race([history.ready(), setTimeout(readyMsMax, undefined, { ref: false })]);
  const service = await startThermal(settings, room, fabric, history, logger);
  return { ...service, stop: () => service.stop().finally(() => fabric.close()) };
});
