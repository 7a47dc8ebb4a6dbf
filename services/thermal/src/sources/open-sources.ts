import type { TelemetrySource } from '../telemetry/source.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import { openSource, type SourceSurroundings } from './configuration/open-source.ts';
import { readSourceFile, SourceFileError } from './configuration/source-file.ts';

export interface SourceSettings {
  readonly sourcesFile: string;
  readonly roomVirtual: boolean;
}

/** The sources that the settings name, ready to start. Throws a sentence, or a line for each problem of their file. */
export const openSources = async (
  { sourcesFile, roomVirtual }: SourceSettings,
  index: RoomIndex,
  surroundings: SourceSurroundings,
): Promise<readonly TelemetrySource[]> => {
  if (sourcesFile !== '' && roomVirtual) {
    // It reads its own sensors, which those of another room would contradict.
    const remedy = 'set ISOTHERM_ROOM_VIRTUAL=false to read real sources';
    throw new SourceFileError(`${sourcesFile}: the room is virtual; ${remedy}`);
  }
  const plans = await readSourceFile(sourcesFile, index);
  return Promise.all(plans.map((plan) => openSource(plan, surroundings)));
};
