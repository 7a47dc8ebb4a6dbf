import type { RouterGetStatusResponse, StageGetStatusResponse } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';
import type { StageService } from '@isotherm/stack';
import type { InstanceReading, PoolReading } from './pool.ts';

const callTimeoutMs = 5000;
const deadline = () => ({ deadline: Date.now() + callTimeoutMs });

const stageOf: Readonly<Record<StageService, string>> = {
  ...{ encoder: 'encode', prefill: 'prefill', decode: 'decode' },
};

/** In time and late since routers started: first tokens, or answers' tokens for decode. */
interface Kept {
  readonly inTime: number;
  readonly late: number;
}

/** Reads pools as the routers of a system know them; remembers what it counted, to say what came since. */
export const fleetReader = (peers: Peers, routerAddress: () => string) => {
  const before = new Map<StageService, Kept>();
  return async (service: StageService): Promise<PoolReading> => {
    const statuses = await routersOf(peers, routerAddress());
    const instances = statuses[0]?.instances ?? [];
    const ready = instances.filter(
      ({ stage, ready: isReady }) => isReady && stage === stageOf[service],
    );
    const readings = await Promise.all(ready.map((one) => readInstance(peers, one)));
    const kept = keptOf(statuses, service);
    const attainment = shareOf(before.get(service), kept);
    before.set(service, kept);
    return {
      ...{ atMs: performance.now(), attainment },
      instances: readings.filter((one) => one !== undefined),
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

/** Undefined for one that has just gone. */
const readInstance = async (
  peers: Peers,
  { instanceId, address, pendingTokens, headroom }: RouterGetStatusResponse['instances'][number],
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

const keptOf = (statuses: readonly RouterGetStatusResponse[], service: StageService): Kept => {
  const classes = statuses.flatMap(({ admission }) => admission?.classes ?? []);
  const sum = (of: (one: (typeof classes)[number]) => unknown): number =>
    classes.reduce((total, one) => total + Number(of(one)), 0);
  return service === 'decode'
    ? { inTime: sum((one) => one.tokensInTime), late: sum((one) => one.tokensLate) }
    : { inTime: sum((one) => one.inTime), late: sum((one) => one.late) };
};

/** Undefined where nothing ended, or where a router began anew. */
const shareOf = (before: Kept | undefined, now: Kept): number | undefined => {
  if (before === undefined) return undefined;
  const inTime = now.inTime - before.inTime;
  const all = inTime + now.late - before.late;
  return all > 0 && inTime >= 0 ? inTime / all : undefined;
};
