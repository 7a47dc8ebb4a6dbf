import { startDecode } from '@isotherm/decode';
import { startEncoder } from '@isotherm/encoder';
import { parseProfileOptions } from '@isotherm/engine/profile';
import { createProfileTextModel, loadTextModel } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import { memoryFabric } from '@isotherm/lanes';
import { startPrefill } from '@isotherm/prefill';
import { createNeighbours } from '@isotherm/rpc';
import { startRouter } from '@isotherm/router';
import type { Logger, RunningService } from '@isotherm/runtime';
import type { StageStarter } from '@isotherm/stage';
import { startUpstream } from '@isotherm/upstream';
import type { EmbeddedSettings } from './settings.ts';

const readyMsMax = 30_000;
const readyPollMs = 10;

/**
 * A router and three stages in one process: the same services over lanes and a registry in memory.
 * Tensors pass from one to the other by reference; tokens and events still travel over gRPC, through the
 * loopback.
 */
export const startEmbedded = async (
  settings: EmbeddedSettings,
  logger: Logger,
): Promise<RunningService> => {
  const fabric = memoryFabric();
  const neighbours = createNeighbours();
  // Only the router's address is anybody's business: the stages take free ports.
  const stageSettings = { ...settings, listen: '127.0.0.1:0', advertiseHost: '127.0.0.1' };
  const startStage = (start: StageStarter, count: number): Promise<RunningService>[] =>
    Array.from({ length: count }, () => start(stageSettings, fabric, logger, neighbours));

  const stages =
    settings.engine === 'upstream'
      ? [startUpstream(stageSettings, fabric, logger, neighbours)]
      : [
          ...startStage(startEncoder, settings.encoders),
          ...startStage(startPrefill, settings.prefills),
          ...startStage(startDecode, settings.decodes),
        ];
  const starts = [
    ...stages,
    loadModel(settings).then((model) => startRouter(settings, model, fabric, logger, neighbours)),
  ];
  const outcomes = await Promise.allSettled(starts);
  const services = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  // The router comes last and leaves first: what runs can still finish.
  const stop = async (): Promise<void> => {
    await services.at(-1)?.stop();
    await Promise.all(services.map((service) => service.stop()));
    await fabric.close();
  };
  const failed = outcomes.find((one) => one.status === 'rejected');
  const router = services.at(-1);
  if (failed !== undefined || router === undefined) {
    await stop();
    throw failed?.reason instanceof Error ? failed.reason : Fault.from(failed?.reason);
  }
  await untilReady(String(router.facts['http']), settings);
  let stopping: Promise<void> | undefined;
  return {
    address: router.address,
    facts: { ...router.facts, instances: services.length },
    stop: () => (stopping ??= stop()),
    ended: Promise.race(services.map((service) => service.ended)),
  };
};

/** None where servers run the models: what they have is in the registry. */
const loadModel = async ({ engine, profile, modelDir }: EmbeddedSettings) => {
  if (engine === 'upstream') return undefined;
  return engine === 'profile'
    ? createProfileTextModel(parseProfileOptions(profile))
    : loadTextModel(modelDir);
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
