import { Fault } from '@isotherm/kernel';
import { createNeighbours } from '@isotherm/rpc';
import { endedTogether, startTogether, stopTogether } from '@isotherm/runtime';
import type { StageStarter } from '@isotherm/stage';
import type { ColocatedSettings } from './settings.ts';
import { stageStarts } from './stage-starts.ts';

/**
 * Several stage instances in one process. To routers and operators each is an instance like any other, with an
 * address, a lane and an entry in the registry of its own; between them payloads pass by reference. The process ends
 * when one of them fails, or when the last has been drained.
 */
export const startColocated: StageStarter<ColocatedSettings> = async (
  settings,
  fabric,
  logger,
  neighbours = createNeighbours(),
) => {
  const starts = stageStarts(settings, fabric, logger, neighbours);
  refuseFewerThanTwo(starts.length);
  refuseOnePort(settings);
  const services = await startTogether(starts);
  return {
    address: services[0]?.address ?? '',
    facts: {},
    hosted: services.map(({ address, facts }) => ({ ...facts, address })),
    stop: () => stopTogether(services),
    ended: endedTogether(services),
  };
};

const refuseFewerThanTwo = (count: number): void => {
  if (count > 1) return;
  throw new Fault(
    'invalid_argument',
    `${count === 0 ? 'No instance is' : 'Only one instance is'} to run here, of at least two: ` +
      'say how many with ISOTHERM_ENCODERS, ISOTHERM_PREFILLS and ISOTHERM_DECODES.',
  );
};

const refuseOnePort = ({ listen, advertisePort }: ColocatedSettings): void => {
  if (!listen.endsWith(':0')) {
    throw new Fault(
      'invalid_argument',
      `ISOTHERM_LISTEN is "${listen}", but several instances cannot share a port: ` +
        'write port 0, so that each takes a free one.',
    );
  }
  if (advertisePort === 0) return;
  throw new Fault(
    'invalid_argument',
    `ISOTHERM_ADVERTISE_PORT is ${advertisePort}, but several instances cannot share a port.`,
  );
};
