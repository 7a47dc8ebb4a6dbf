import type { Stage } from '@isotherm/kernel';
import { type Headroom, levelKey, stageHeadroom } from '@isotherm/policy';
import type { RouterGetStatusResponseInput } from '@isotherm/proto';
import type { LeaseStore } from '@isotherm/rpc';
import type { LoopDelay } from '@isotherm/runtime';
import type { Admission } from './admission/admission.ts';
import type { Models } from './answer/models.ts';
import type { Responder } from './answer/respond.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { HeadroomWatch } from './heat/headroom-watch.ts';
import type { RouterDirectory } from './fleet/router-directory.ts';
import type { LargePoolCounts } from './http/large-pool.ts';
import type { HedgeLedger } from './jobs/hedge-ledger.ts';

/** The parts of a router that its status is read from. */
export interface RouterParts {
  readonly routerId: string;
  readonly models: Models;
  readonly responder: Responder;
  readonly admission: Admission;
  readonly fleet: Fleet;
  readonly store: LeaseStore;
  readonly hedges: Pick<HedgeLedger, 'counts'>;
  readonly largePool: LargePoolCounts;
  readonly loopDelay: LoopDelay;
  readonly heat: Pick<HeadroomWatch, 'status'>;
  /** Whether work is routed by headroom. */
  readonly routes: boolean;
  /** Undefined until the router has announced itself. */
  directory(): RouterDirectory | undefined;
}

const headroomOf = (headroom: Headroom, stage: Stage) => ({
  powerShare: headroom.powerShare,
  coreShare: headroom.coreShare,
  memoryShare: headroom.memoryShare,
  binding: levelKey(headroom.binding),
  conservative: headroom.conservative,
  stageShare: stageHeadroom(headroom, stage),
});

/** What a router knows and holds now. */
export const routerStatus = (parts: RouterParts) => {
  const { routerId, models, responder, fleet, store } = parts;
  const { classes, ...admission } = parts.admission.status();
  const routers = parts.directory()?.routers ?? [];
  return {
    routerId,
    models: [...models.names],
    requests: responder.inFlight,
    bookings: fleet.bookings,
    leases: store.count,
    hedges: parts.hedges.counts,
    largePool: { ...parts.largePool },
    loopDelayMs: parts.loopDelay.p99Ms(),
    admission: {
      ...admission,
      classes: Object.entries(classes).map(([name, counts]) => ({ name, ...counts })),
    },
    headroom: { ...parts.heat.status(), routes: parts.routes },
    routers: routers.map(({ id, address, state }) => ({ routerId: id, address, state })),
    instances: fleet.views().map((view) => ({
      instanceId: view.id,
      stage: view.stage,
      model: view.model,
      address: fleet.record(view.id)?.address ?? '',
      precision: fleet.record(view.id)?.precision ?? '',
      ready: view.ready,
      pendingTokens: view.bookedTokens,
      reportedTokens: Math.round(view.reportedTokens),
      bookings: fleet.bookingsOf(view.id),
      breaker: fleet.breakerOf(view.id),
      cache: fleet.cacheOf(view.id),
      place: fleet.record(view.id)?.place ?? '',
      ...(view.headroom !== undefined && { headroom: headroomOf(view.headroom, view.stage) }),
    })),
  } satisfies RouterGetStatusResponseInput;
};

export type RouterStatus = ReturnType<typeof routerStatus>;
