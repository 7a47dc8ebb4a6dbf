import type { Fabric } from '@isotherm/lanes';
import type { Logger } from '@isotherm/runtime';
import type { Responder } from '../answer/respond.ts';
import type { RouterSettings } from '../settings.ts';
import { createBatchDesk, type BatchDesk } from './batch-desk.ts';
import { type BatchRunner, startBatchRunner } from './batch-runner.ts';
import { runItem } from './run-item.ts';

/** Batches of one router: the desk that takes them, and its share of the work on all. */
export interface Batches extends Pick<BatchRunner, 'pause' | 'close'> {
  readonly desk: BatchDesk;
}

export const openBatches = async (
  fabric: Fabric,
  responder: Responder,
  settings: RouterSettings,
  logger: Logger,
): Promise<Batches> => {
  const { batchConcurrency, batchResultBytesMax, batchItemWaitMs } = settings;
  const options = { responder, batchResultBytesMax, batchItemWaitMs, random: Math.random };
  const runner = await startBatchRunner({
    ...{ fabric, batchConcurrency, logger },
    run: (item, request, signal) => runItem(item, request, options, signal),
  });
  const desk = createBatchDesk(fabric.batches, runner, settings);
  return { desk, pause: () => runner.pause(), close: () => runner.close() };
};
