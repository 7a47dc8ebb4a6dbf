/** One half of the large fleet, in a thread of its own: told what to run, answers with what it took. */
import { parentPort, workerData } from 'node:worker_threads';
import { digestOf, runExperiment } from '@isotherm/simulator';
import { type FleetOptions, fleetExperiment } from './fleet.ts';
import type { PartResult } from './run-parts.ts';

const options = workerData as FleetOptions;
const startedMs = performance.now();
const result = runExperiment(fleetExperiment(options));
const outcome = result.deployments[0]?.outcome;
const part: PartResult = {
  wallMs: performance.now() - startedMs,
  events: result.events,
  requests: outcome?.done ?? 0,
  withinSloShare: (outcome?.withinSlo ?? 0) / Math.max(1, outcome?.done ?? 0),
  digest: digestOf(result),
};
parentPort?.postMessage(part, []);
