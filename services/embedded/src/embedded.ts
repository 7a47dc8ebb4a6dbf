import { stageStarts } from '@isotherm/colocated';
import { Fault, invariant } from '@isotherm/kernel';
import { memoryFabric } from '@isotherm/lanes';
import { createNeighbours } from '@isotherm/rpc';
import { loadModels, modelFolders, startRouter } from '@isotherm/router';
import {
  endedTogether,
  type Logger,
  type NamedStart,
  type RunningService,
  startTogether,
  stopTogether,
} from '@isotherm/runtime';
import { startUpstream } from '@isotherm/upstream';
import type { EmbeddedSettings } from './settings.ts';

const readyMsMax = 30_000;
const readyPollMs = 10;

/**
 * A router and three stages in one process: the same services over lanes and a registry in memory.
 * Tensors pass from one to the other by reference, and calls, events and tokens by no network.
 */
export const startEmbedded = async (
  settings: EmbeddedSettings,
  logger: Logger,
): Promise<RunningService> => {
  refuseSeveralModels(settings);
  const fabric = memoryFabric();
  const neighbours = createNeighbours();
  // Only the router's address is anybody's business: the stages take free ports.
  const own = { listen: '127.0.0.1:0', advertiseHost: '127.0.0.1', advertisePort: 0 };
  const stageSettings = { ...settings, ...own };
  const upstream: NamedStart = {
    name: 'upstream',
    start: () => startUpstream(stageSettings, fabric, logger, neighbours),
  };
  const stages =
    settings.engine === 'upstream'
      ? [upstream]
      : stageStarts(stageSettings, fabric, logger, neighbours);
  const door: NamedStart = {
    name: 'router',
    start: async () =>
      startRouter(settings, await loadModels(settings), fabric, logger, neighbours),
  };
  const services = await startTogether([...stages, door]).catch(async (error: unknown) => {
    await fabric.close();
    throw error;
  });
  const router = services.at(-1);
  invariant(router !== undefined, 'startTogether starts all or throws');
  // The router comes last and leaves first: what runs can still finish.
  const stop = async (): Promise<void> => {
    await router.stop();
    await stopTogether(services);
    await fabric.close();
  };
  await untilReady(String(router.facts['http']), settings);
  let stopping: Promise<void> | undefined;
  return {
    address: router.address,
    facts: { ...router.facts, instances: services.length },
    stop: () => (stopping ??= stop()),
    ended: Promise.race([router.ended, endedTogether(services.slice(0, -1))]),
  };
};

/** Its stages share one set of settings, and with that one model. Faults: `unsupported`. */
const refuseSeveralModels = (settings: EmbeddedSettings): void => {
  if (settings.engine !== 'onnx' || modelFolders(settings).length === 1) return;
  throw new Fault(
    'unsupported',
    'ISOTHERM_MODEL_DIRS: one process runs one model; several need a Redis and instances of their own.',
  );
};

/** The router finds its instances by the registry, a moment after they have started. */
const untilReady = async (http: string, wanted: EmbeddedSettings): Promise<void> => {
  const deadlineMs = performance.now() + readyMsMax;
  while (performance.now() < deadlineMs) {
    const response = await fetch(`${http}/readyz`);
    const { instances } = (await response.json()) as { instances: Record<string, number> };
    if (wanted.engine === 'upstream' && response.ok) return;
    const has = (stage: string, count: number): boolean => (instances[stage] ?? 0) >= count;
    if (
      has('encode', wanted.encoders) &&
      has('prefill', wanted.prefills) &&
      has('decode', wanted.decodes)
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, readyPollMs));
  }
  throw new Fault('unavailable', `The router at ${http} did not find its stages.`);
};
