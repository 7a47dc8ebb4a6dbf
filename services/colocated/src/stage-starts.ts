import { startDecode } from '@isotherm/decode';
import { startEncoder } from '@isotherm/encoder';
import type { Fabric } from '@isotherm/lanes';
import { startPrefill } from '@isotherm/prefill';
import type { Neighbours } from '@isotherm/rpc';
import type { Logger, NamedStart } from '@isotherm/runtime';
import type { StageStarter } from '@isotherm/stage';
import type { ColocatedSettings } from './settings.ts';

/** How to start each of the stage instances that are to share a process: the very services that else have their own. */
export const stageStarts = (
  settings: ColocatedSettings,
  fabric: Fabric,
  logger: Logger,
  neighbours: Neighbours,
): readonly NamedStart[] => {
  const places = settings.place.split(';');
  const starts = (name: string, start: StageStarter, count: number): readonly NamedStart[] =>
    Array.from({ length: count }, () => {
      const place = places.shift()?.trim() ?? '';
      return { name, start: () => start({ ...settings, place }, fabric, logger, neighbours) };
    });
  return [
    ...starts('encoder', startEncoder, settings.encoders),
    ...starts('prefill', startPrefill, settings.prefills),
    ...starts('decode', startDecode, settings.decodes),
  ];
};
