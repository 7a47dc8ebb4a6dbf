import type { RouterGetStatusResponse, StageGetStatusResponse } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';
import { stageOf, type StageService } from '@isotherm/stack';
import { cameShare, type Door, doorOf } from './at-the-door.ts';
import { judged, type Kept, keptOf } from './attainment.ts';
import type { InstanceReading, PoolPlan, PoolReading } from './pool.ts';

const callTimeoutMs = 5000;
const deadline = () => ({ deadline: Date.now() + callTimeoutMs });

export interface FleetSources {
  /** Where a router listens. */
  router(): string;
  /** How many more the room has a place for; undefined where there is no room, or nobody knows. */
  placesFor(plan: PoolPlan): Promise<number | undefined>;
}

/** Reads pools as the routers of a system know them; remembers what it counted, to say what came since. */
export const fleetReader = (peers: Peers, { router, placesFor }: FleetSources) => {
  const before = new Map<StageService, Kept>();
  const doors = new Map<StageService, Door>();
  return async (plan: PoolPlan): Promise<PoolReading> => {
    const { service } = plan;
    const [statuses, places] = await Promise.all([routersOf(peers, router()), placesFor(plan)]);
    const instances = statuses[0]?.instances ?? [];
    const ready = instances.filter(
      ({ stage, ready: isReady }) => isReady && stage === stageOf[service],
    );
    const pendingOf = pendingByInstance(statuses);
    const readings = await Promise.all(
      ready.map((one) => readInstance(peers, one, pendingOf.get(one.instanceId) ?? 0)),
    );
    const admissions = statuses.map(({ admission }) => admission);
    const kept = keptOf(admissions, service);
    const door = doorOf(admissions);
    const came = cameShare(doors.get(service), door);
    doors.set(service, door);
    const { from, share: attainment } = judged(before.get(service), kept);
    before.set(service, from);
    return {
      ...{ atMs: performance.now(), attainment, cameShare: came },
      instances: readings.filter((one) => one !== undefined),
      ...(places !== undefined && { places }),
    };
  };
};

const statusOf = (peers: Peers, address: string): Promise<RouterGetStatusResponse> =>
  callUnary<RouterGetStatusResponse>((callback) =>
    peers.router(address).getStatus({}, deadline(), callback),
  );

const routersOf = async (
  peers: Peers,
  address: string,
): Promise<readonly RouterGetStatusResponse[]> => {
  const first = await statusOf(peers, address);
  const others = first.routers.filter((router) => router.address !== address);
  return [first, ...(await Promise.all(others.map((other) => statusOf(peers, other.address))))];
};

/** Each router knows what it has given out itself. */
const pendingByInstance = (
  statuses: readonly RouterGetStatusResponse[],
): ReadonlyMap<string, number> => {
  const pending = new Map<string, number>();
  for (const { instanceId, pendingTokens } of statuses.flatMap((status) => status.instances)) {
    pending.set(instanceId, (pending.get(instanceId) ?? 0) + pendingTokens);
  }
  return pending;
};

/** Undefined for one that has just gone. */
const readInstance = async (
  peers: Peers,
  { instanceId, address, headroom }: RouterGetStatusResponse['instances'][number],
  pendingTokens: number,
): Promise<InstanceReading | undefined> => {
  try {
    const { load } = await callUnary<StageGetStatusResponse>((callback) =>
      peers.stage(address).getStatus({}, deadline(), callback),
    );
    return {
      ...{ instanceId, pendingTokens },
      ...{ busyMs: load?.busyMs ?? 0, jobMs: load?.jobMs ?? 0, clockShare: load?.clockShare || 1 },
      headroomShare: headroom?.stageShare,
    };
  } catch {
    return undefined;
  }
};
