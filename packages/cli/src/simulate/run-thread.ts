/** One run of an experiment in a thread of its own: told which, it tells how far it is, and in the end the result. */
import { parentPort, workerData } from 'node:worker_threads';
import { buildExperiment, runExperiment } from '@isotherm/simulator';
import { lasting } from './lasting.ts';
import { readExperiment } from './read-experiment.ts';
import type { RunMessage, RunOrder } from './thread-pool.ts';

const { file, arm: name, seed, hours } = workerData as RunOrder;
const tell = (message: RunMessage): void => parentPort?.postMessage(message, []);

const read = await readExperiment(file);
const arm = read.kind === 'ok' ? read.document.arms.find((each) => each.name === name) : undefined;
if (read.kind !== 'ok' || arm === undefined) throw new Error(`${file} has changed meanwhile`);
const document = hours === undefined ? read.document : lasting(read.document, hours);
const experiment = buildExperiment(document, read.files, arm, seed);
const result = runExperiment(experiment, (share) => tell({ kind: 'progress', share }));
tell({ kind: 'done', result });
