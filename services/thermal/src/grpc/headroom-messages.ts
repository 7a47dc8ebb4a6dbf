import type { InstanceHeadroomInput, WatchHeadroomResponseInput } from '@isotherm/proto';
import type { HeadroomMessage } from '../headroom/headroom-hub.ts';
import type { InstanceHeadroom } from '../headroom/instance-headroom.ts';
import { levelMessage } from './level-messages.ts';

export const headroomMessage = (
  { whole, instances, removed, atMs }: HeadroomMessage,
  timeScale: number,
): WatchHeadroomResponseInput => ({
  ...{ whole, removed: [...removed], atMs, timeScale },
  instances: instances.map(instanceMessage),
});

const instanceMessage = (headroom: InstanceHeadroom): InstanceHeadroomInput => ({
  ...headroom,
  binding: levelMessage(headroom.binding),
  horizons: headroom.horizons.map((horizon) => ({
    ...horizon,
    binding: levelMessage(horizon.binding),
  })),
});
