import type { Headroom } from '../../headroom/headroom.ts';
import type { Filter, Preference } from '../contract.ts';

/** The thermal service tells by shares that are all 0 that an instance is to get no work at all. */
const isStopped = (headroom: Headroom | undefined): boolean =>
  headroom !== undefined &&
  headroom.powerShare <= 0 &&
  headroom.coreShare <= 0 &&
  headroom.memoryShare <= 0;

/**
 * Drops instances that are stopped just now, in an emergency, also where nobody else can do the work: opaque tenants would be
 * capped for what is sent there all the same.
 */
export const stoppedNowFilter: Filter = {
  name: 'stopped-now',
  keeps: ({ headroom }) => !isStopped(headroom) || headroom?.conservative === true,
};

/**
 * Drops instances that were stopped when the thermal service last spoke, which was a while ago. Kept only where no other one can
 * do the work, however much that one has to do: a service that died must not end all work.
 */
export const notStoppedFilter: Preference = {
  name: 'not-stopped',
  patience: Infinity,
  keeps: ({ headroom }) => !isStopped(headroom),
};
