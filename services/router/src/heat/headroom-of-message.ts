import { boundedShare, type Headroom, type Level, levels } from '@isotherm/policy';
import type { InstanceHeadroom } from '@isotherm/proto';

/** What the thermal service says of one instance, as policies see it. */
export const headroomOfMessage = (message: InstanceHeadroom): Headroom => ({
  powerShare: boundedShare(message.powerShare),
  coreShare: boundedShare(message.coreShare),
  memoryShare: boundedShare(message.memoryShare),
  binding: { level: levelOf(message.binding?.kind), id: message.binding?.id ?? '' },
  conservative: message.conservative,
});

/** A level of a newer service that is not known here counts as one that an instance has for itself. */
const levelOf = (kind = ''): Level => levels.find((level) => level === kind) ?? 'server';
