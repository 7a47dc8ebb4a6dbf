import { systemClock } from '@isotherm/kernel';
import type { Fabric } from '@isotherm/lanes';
import { defaultRoutePolicy, type RoutePolicy, withoutHeadroom } from '@isotherm/policy';
import type { Logger } from '@isotherm/runtime';
import {
  type HeadroomWatch,
  type HeadroomWatchOptions,
  watchHeadroom,
} from '../heat/headroom-watch.ts';
import type { RouterSettings } from '../settings.ts';
import { createFleet, type Fleet, type FleetListener } from './fleet.ts';
import type { LinkOptions } from './instance-link.ts';
import type { MemberOptions } from './member.ts';

/** As whom a router listens. */
type Identity = Pick<LinkOptions, 'routerId' | 'peers'>;

/** The fleet of a router, and what it knows of its heat. */
export const openFleet = async (
  settings: RouterSettings,
  fabric: Fabric,
  identity: Identity,
  listener: FleetListener,
  logger: Logger,
): Promise<{ readonly fleet: Fleet; readonly heat: HeadroomWatch }> => {
  const heat = await watchHeadroom(fabric.thermals, heatOf(settings, identity), logger);
  const fleet = await createFleet(fabric, linkOf(settings, identity, heat), listener, logger);
  return { fleet, heat };
};

/** What work is placed by. */
export const policyOf = ({ leverRoute }: RouterSettings): RoutePolicy =>
  leverRoute ? defaultRoutePolicy : withoutHeadroom(defaultRoutePolicy);

/** How instances are listened to. */
const linkOf = (
  settings: RouterSettings,
  identity: Identity,
  heat: HeadroomWatch,
): MemberOptions => {
  const { silenceMs, cacheKeysMax } = settings;
  const loadAging = { freshMs: settings.loadFreshMs, halfLifeMs: settings.loadHalfLifeMs };
  return {
    ...identity,
    ...{ silenceMs, cacheKeysMax, breaker: settings, loadAging },
    headroomOf: heat.of,
    nowMs: () => systemClock.monotonicMs(),
  };
};

/** How the thermal service is listened to. */
const heatOf = (settings: RouterSettings, identity: Identity): HeadroomWatchOptions => {
  const { silenceMs, headroomFreshMs, headroomForgetMs } = settings;
  const headroomConservativeShare = settings.headroomConservativePercent / 100;
  return {
    ...identity,
    ...{ silenceMs, headroomFreshMs, headroomForgetMs, headroomConservativeShare },
    nowMs: () => systemClock.monotonicMs(),
  };
};
