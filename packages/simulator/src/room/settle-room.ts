import type { Random } from '@isotherm/kernel';
import {
  createRoom,
  type Ratings,
  ratingsOf,
  type Room,
  type RoomOptions,
  type RoomPlan,
} from '@isotherm/plant';
import type { Levers, Place } from '@isotherm/policy';
import { randomStream } from '../chance/xoshiro.ts';
import type { FleetInstance } from '../pipeline/fleet.ts';
import {
  type Customer,
  customerPeakShare,
  customerShare,
  type CustomerOptions,
  drawCustomers,
} from './customers.ts';
import { type PlaceableWork, placeFleet, placeWorks, workOf } from './place-fleet.ts';

/** A room with everybody in it. */
export interface SettledRoom {
  readonly room: Room;
  readonly ratings: Ratings;
  /** By the instances' numbers; undefined: no place was left. */
  readonly places: readonly (Place | undefined)[];
  /** What GPUs of opaque tenants are busy with, 0 to 1, by server and second; undefined: as the caller has it. */
  readonly opaqueUtilisation?: (server: number, atS: number) => number;
}

export interface SettleOptions {
  readonly plan: RoomPlan;
  readonly roomOptions: RoomOptions;
  readonly instances: readonly FleetInstance[];
  readonly levers: Pick<Levers, 'place'>;
  /** Customers that come with servers of their own, instead of the plan's opaque ones, and the seed of what they are. */
  readonly customers?: CustomerOptions & { readonly seed: number };
}

/**
 * Puts instances into a room, and customers where there are some: deployment by deployment and customer by customer, in an order
 * that the seed draws, as they would come one after the other. Like work comes together, so whoever puts it into the first gap
 * has it side by side.
 */
export const settleRoom = (options: SettleOptions): SettledRoom => {
  const { plan, roomOptions, instances, levers, customers: wanted } = options;
  if (wanted === undefined) {
    const room = createRoom(plan, roomOptions);
    const ratings = ratingsOf(room.state.layout);
    return { room, ratings, places: placeFleet(room.state, ratings, instances, levers) };
  }
  const empty = createRoom(withTenants(plan, new Set()), roomOptions);
  const { layout } = empty.state;
  const ratings = ratingsOf(layout);
  const random = randomStream(wanted.seed, 'customers');
  const customers = drawCustomers(wanted, random);
  const groups = shuffled(
    [
      ...customers.map((customer, number) => worksOf(customer, number, empty, ratings)),
      ...groupsOf(instances),
    ],
    random,
  );
  const works = groups.flat().toSorted((a, b) => b.gpus - a.gpus);
  const places = placeWorks(empty.state, ratings, works, levers);
  const numbers = new Map(layout.servers.map(({ plan: { id } }, number) => [id, number]));
  const owners = new Map<number, { readonly customer: Customer; readonly each: number }>();
  customers.forEach((customer, number) => {
    for (let each = 0; each < customer.servers; each += 1) {
      const place = places.get(customerKey(number, each));
      if (place !== undefined) owners.set(numbers.get(place.server) ?? -1, { customer, each });
    }
  });
  const opaque = new Set([...owners.keys()].map((server) => layout.servers[server]?.plan.id ?? ''));
  return {
    room: createRoom(withTenants(plan, opaque), roomOptions),
    ratings,
    places: instances.map(({ index }) => places.get(`${index}`)),
    opaqueUtilisation: (server, atS) => {
      const owner = owners.get(server);
      return owner === undefined ? 0 : customerShare(owner.customer, owner.each, atS);
    },
  };
};

const customerKey = (number: number, each: number): string => `customer ${number}/${each}`;

/** A customer takes whole servers. */
const worksOf = (
  customer: Customer,
  number: number,
  { state: { layout } }: Room,
  ratings: Ratings,
): readonly PlaceableWork[] => {
  const gpus = layout.servers[0]?.gpuCount ?? 1;
  const { idleW = 0, fullW = 0 } = ratings.servers[0] ?? {};
  const peakW = customerPeakShare(customer) * (fullW - idleW);
  return Array.from({ length: customer.servers }, (_, each) => ({
    ...({ key: customerKey(number, each), tenant: 'opaque', gpus, peakW } as const),
  }));
};

/** Instances of one pool come together. */
const groupsOf = (instances: readonly FleetInstance[]): readonly (readonly PlaceableWork[])[] => {
  const groups = new Map<FleetInstance['bank'], PlaceableWork[]>();
  for (const instance of instances) {
    const group = groups.get(instance.bank);
    if (group === undefined) groups.set(instance.bank, [workOf(instance)]);
    else group.push(workOf(instance));
  }
  return [...groups.values()];
};

/** Fisher and Yates. */
const shuffled = <T>(list: readonly T[], random: Random): readonly T[] => {
  const all = [...list];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other] as T, all[at] as T];
  }
  return all;
};

const withTenants = (plan: RoomPlan, opaque: ReadonlySet<string>): RoomPlan => ({
  ...plan,
  rows: plan.rows.map((row) => ({
    ...row,
    racks: row.racks.map((rack) => ({
      ...rack,
      servers: rack.servers.map((server) => ({
        ...server,
        tenant: opaque.has(server.id) ? ('opaque' as const) : ('adjustable' as const),
      })),
    })),
  })),
});
