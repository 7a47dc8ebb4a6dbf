import {
  addDemand,
  byDue,
  type Demand,
  noDemand,
  type QueuePrediction,
  type ShareView,
  type SloClassName,
  sloClassNames,
  type Waiting,
  type WaitingShare,
  type WaitingView,
} from '@isotherm/policy';

/** A request that waits for its turn. */
export interface WaitingRequest extends Waiting {
  readonly sloClass: SloClassName;
  readonly tenant: string;
  readonly weight: number;
  readonly demand: Demand;
  /** Memory that it holds while it waits. */
  readonly bytes: number;
  /** Monotonic, in milliseconds. */
  readonly arrivedMs: number;
  /** After this time it is overdue, by its class. */
  readonly patientUntilMs: number;
  /** How it was expected to wait; undefined while that was unknown. */
  readonly expected?: Pick<QueuePrediction, 'turn' | 'queuesMs'> | undefined;
}

/** Those who wait for one model, in the order in which policies look at them. */
export interface WaitingRoom<Request extends WaitingRequest> {
  add(request: Request): void;
  /** False where it was not here. */
  remove(request: Request): boolean;
  /** What `chooseNext` chooses from; `fits` says for whom there is room now. */
  view(nowMs: number, fits: (request: Request) => boolean): WaitingView<Request>;
  /** What goes before a request that would be added now. */
  ahead(request: WaitingRequest): {
    readonly moreUrgent: Demand;
    readonly ownBefore: Demand;
    readonly others: readonly WaitingShare[];
  };
  /** What a tenant has waiting in a class. */
  share(sloClass: SloClassName, tenant: string): { readonly count: number; readonly bytes: number };
  /** Requests of a tenant in all classes. */
  countOf(tenant: string): number;
  countIn(sloClass: SloClassName): number;
  /** The one of a class that has waited longest. */
  oldest(sloClass: SloClassName): Request | undefined;
  readonly count: number;
  readonly bytes: number;
  all(): readonly Request[];
}

/** One tenant's requests in one class: those that need an encoder apart, since it may be the one without room. */
interface Share<Request> {
  readonly weight: number;
  readonly text: Request[];
  readonly media: Request[];
  demand: Demand;
  bytes: number;
}

interface ClassRoom<Request> {
  readonly shares: Map<string, Share<Request>>;
  /** In the order of arrival. */
  readonly byArrival: Set<Request>;
  demand: Demand;
}

export const createWaitingRoom = <Request extends WaitingRequest>(): WaitingRoom<Request> => {
  const empty = (): ClassRoom<Request> => ({
    ...{ shares: new Map(), byArrival: new Set(), demand: noDemand },
  });
  const rooms = { interactive: empty(), standard: empty(), batch: empty() };
  let bytes = 0;

  const shareOf = ({ sloClass, tenant, weight }: Request): Share<Request> => {
    const { shares } = rooms[sloClass];
    const known = shares.get(tenant);
    if (known !== undefined) return known;
    const share = { weight, text: [], media: [], demand: noDemand, bytes: 0 };
    shares.set(tenant, share);
    return share;
  };
  const account = (request: Request, share: Share<Request>, sign: 1 | -1): void => {
    const room = rooms[request.sloClass];
    room.demand = addDemand(room.demand, request.demand, sign);
    share.demand = addDemand(share.demand, request.demand, sign);
    share.bytes += sign * request.bytes;
    bytes += sign * request.bytes;
  };
  const count = (): number =>
    sloClassNames.reduce((sum, name) => sum + rooms[name].byArrival.size, 0);

  return {
    add: (request) => {
      const share = shareOf(request);
      const line = lineOf(share, request);
      line.splice(placeIn(line, request), 0, request);
      rooms[request.sloClass].byArrival.add(request);
      account(request, share, 1);
    },
    remove: (request) => {
      const room = rooms[request.sloClass];
      const share = room.shares.get(request.tenant);
      if (!room.byArrival.delete(request) || share === undefined) return false;
      const line = lineOf(share, request);
      line.splice(placeIn(line, request), 1);
      account(request, share, -1);
      if (share.text.length + share.media.length === 0) room.shares.delete(request.tenant);
      return true;
    },
    view: (nowMs, fits) => {
      const classOf = (name: SloClassName) => {
        const { shares, byArrival } = rooms[name];
        const [oldest] = byArrival;
        return {
          overdueMs: oldest === undefined ? -1 : nowMs - oldest.patientUntilMs,
          shares: [...shares].map(([tenant, share]) => viewOf(tenant, share, fits)),
        };
      };
      return {
        interactive: classOf('interactive'),
        standard: classOf('standard'),
        batch: classOf('batch'),
      };
    },
    ahead: (request) => {
      const urgent = sloClassNames.slice(0, sloClassNames.indexOf(request.sloClass));
      const { shares } = rooms[request.sloClass];
      const own = shares.get(request.tenant);
      const before = [...(own?.text ?? []), ...(own?.media ?? [])].filter(
        (other) => byDue(other, request) < 0,
      );
      return {
        moreUrgent: urgent.reduce((sum, name) => addDemand(sum, rooms[name].demand), noDemand),
        ownBefore: before.reduce((sum, { demand }) => addDemand(sum, demand), noDemand),
        others: [...shares].flatMap(([tenant, share]) =>
          tenant === request.tenant ? [] : [share],
        ),
      };
    },
    share: (sloClass, tenant) => {
      const share = rooms[sloClass].shares.get(tenant);
      return { count: share?.demand.requests ?? 0, bytes: share?.bytes ?? 0 };
    },
    countOf: (tenant) =>
      sloClassNames.reduce(
        (sum, name) => sum + (rooms[name].shares.get(tenant)?.demand.requests ?? 0),
        0,
      ),
    countIn: (sloClass) => rooms[sloClass].byArrival.size,
    oldest: (sloClass) => {
      const [oldest] = rooms[sloClass].byArrival;
      return oldest;
    },
    get count() {
      return count();
    },
    get bytes() {
      return bytes;
    },
    all: () => sloClassNames.flatMap((name) => [...rooms[name].byArrival]),
  };
};

const lineOf = <Request extends WaitingRequest>(
  { text, media }: Share<Request>,
  { demand }: Request,
): Request[] => (demand.encodeJobs === 0 ? text : media);

/** Where a request stands in a line, or would: the order is total, so it is found by halving. */
const placeIn = (line: readonly Waiting[], request: Waiting): number => {
  let low = 0;
  let high = line.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = line[middle];
    if (other !== undefined && byDue(other, request) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

const viewOf = <Request extends WaitingRequest>(
  tenant: string,
  { weight, text, media }: Share<Request>,
  fits: (request: Request) => boolean,
): ShareView<Request> => {
  const [request] = [text[0], media[0]]
    .filter((first): first is Request => first !== undefined && fits(first))
    .toSorted(byDue);
  return { tenant, weight, first: request && { request, cost: request.demand.cost } };
};
