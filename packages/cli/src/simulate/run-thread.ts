/** What a thread of `runOrders` does. */
import type { MessagePort } from 'node:worker_threads';
import { buildExperiment, type ExperimentResult, runExperiment } from '@isotherm/simulator';
import { lasting } from './lasting.ts';
import { readExperiment } from './read-experiment.ts';
import type { RunOrder } from './run-orders.ts';

/** One run of an experiment: how far it is goes through the port. */
export const runOrder = async ({
  order: { file, arm: name, seed, hours },
  progress,
}: {
  readonly order: RunOrder;
  readonly progress: MessagePort;
}): Promise<ExperimentResult> => {
  const read = await readExperiment(file);
  const arm =
    read.kind === 'ok' ? read.document.arms.find((each) => each.name === name) : undefined;
  if (read.kind !== 'ok' || arm === undefined) throw new Error(`${file} has changed meanwhile`);
  const document = hours === undefined ? read.document : lasting(read.document, hours);
  const experiment = buildExperiment(document, read.files, arm, seed);
  return runExperiment(experiment, (share) => progress.postMessage(share, []));
};
