import type { LevelRef } from '../../topology/level.ts';
import type { SourcePlan } from './source-plan.ts';

interface Rooms {
  has(of: LevelRef): boolean;
}

/** What sources name that the room does not have: a reading of it could never count. */
export const unknownPlaces = (
  sources: readonly (SourcePlan | undefined)[],
  room: Rooms,
): readonly string[] =>
  sources.flatMap((source, index) =>
    (source === undefined ? [] : placesOf(source))
      .filter(([, of]) => !room.has(of))
      .map(([key, { level, id }]) => `sources[${index}].${key}: the room has no ${level} ${id}`),
  );

type Named = readonly [key: string, of: LevelRef];

const placesOf = (source: SourcePlan): readonly Named[] => {
  switch (source.kind) {
    case 'dcgm':
      return [
        ...serverOf(source.server),
        ...Object.entries(source.servers).map(([host, id]): Named => [
          `servers.${host}`,
          { level: 'server', id },
        ]),
        ...Object.entries(source.gpus).map(([uuid, id]): Named => [
          `gpus.${uuid}`,
          { level: 'gpu', id },
        ]),
      ];
    case 'redfish':
      return [
        ...serverOf(source.server),
        ...(source.of === undefined
          ? []
          : [['of.id', { level: source.of.kind, id: source.of.id }] as const]),
      ];
    case 'nvidia_smi':
    case 'hwmon':
    case 'rapl':
      return serverOf(source.server);
    case 'instances':
      return [];
    default:
      return source satisfies never;
  }
};

const serverOf = (id: string | undefined): readonly Named[] =>
  id === undefined ? [] : [['server', { level: 'server', id }]];
