import { instanceId, manualClock, type ModelProfile } from '@isotherm/kernel';
import { type InstanceRecord, memoryFabric } from '@isotherm/lanes';
import { exampleRoom } from '@isotherm/plant';
import { stageHeadroom } from '@isotherm/policy';
import { readSettings, silentLogger } from '@isotherm/runtime';
import type { WantedConfiguration } from '../control/actuator.ts';
import { checkEmergency, type RawEmergency } from '../emergency/check-emergency.ts';
import { createHeadroomHub } from '../headroom/headroom-hub.ts';
import type { InstanceHeadroom } from '../headroom/instance-headroom.ts';
import { memoryHistory } from '../history/store.ts';
import { type InstanceLoad, type PlacedInstance, placeOf } from '../instances/instance-book.ts';
import { createKeeper, type Keeper } from '../keeper.ts';
import type { Loadable } from '../profiles/profile-book.ts';
import { thermalSettings } from '../settings.ts';
import { indexRoom } from '../topology/room-index.ts';

export interface LoopOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Servers that an instance of ours runs on; absent: all that are ours. */
  readonly servers?: (server: string) => boolean;
  /** Work of each instance at the start, in seconds of full clock a second. */
  readonly load?: number;
  /** Rounds until an instance runs as it is told to. */
  readonly lagRounds?: number;
  /** What is known of the instances' model, and what they have loaded and can load. */
  readonly profiles?: readonly ModelProfile[];
  readonly loaded?: Pick<InstanceLoad, 'model' | 'precision' | 'threads'>;
  readonly loadable?: readonly Loadable[];
  /** Times as much as at the start that an instance does with what it has loaded. */
  readonly speedOf?: (loaded: Pick<InstanceLoad, 'model' | 'precision' | 'threads'>) => number;
  /** Whether somebody routes by what is told, a quarter of the way in each round. */
  readonly isRouted?: boolean;
}

/** Rounds of four plant seconds. */
const roundMs = 200;
const timeScale = 20;
/** The part of what a router would move that it has moved after a round. */
const movedShare = 0.25;

const plan = exampleRoom({ racksPerRow: 1, serversPerRack: 3 });
const index = indexRoom(plan);

const recordsOf = (servers: (server: string) => boolean): readonly InstanceRecord[] =>
  index.layout.servers.flatMap(({ plan: { id, tenant } }, at) =>
    tenant === 'opaque' || !servers(id)
      ? []
      : [
          {
            ...{ id: instanceId(`on-${id}`), stage: at % 2 === 0 ? 'decode' : 'prefill' },
            ...{ model: 'panel', address: '127.0.0.1:1', capacity: 8, contextMax: 1024 },
            ...{ place: `${id}/0,1,2,3,4,5,6,7`, startedMs: 0, state: 'serving' },
          } as const,
        ],
  );

/** A keeper of a virtual room of twelve servers, round by round, with instances that do as they are told. */
export const openLoopRoom = (options: LoopOptions = {}) => {
  const { environment = {}, load = 0.75, lagRounds = 0, isRouted = false } = options;
  const records = recordsOf(options.servers ?? (() => true));
  const clock = manualClock(1_700_000_000_000);
  const settings = readSettings(thermalSettings, {
    ...{ REDIS_URL: 'redis://unused', ISOTHERM_TIME_SCALE: String(timeScale) },
    ...{ ISOTHERM_OPAQUE_LOAD_MEAN: '0.75', ISOTHERM_OPAQUE_LOAD_SWING: '0.05' },
    ...environment,
  });
  const own: { keeper?: Keeper } = {};
  const atFirst = options.loaded ?? { model: '', precision: '', threads: 0 };
  const wantedBy = (id: string): WantedConfiguration => own.keeper?.conductor.wantedOf(id) ?? {};
  const wantedOf = (id: string): number => wantedBy(id).clockShare ?? 1;
  const loads = new Map(records.map(({ id }) => [id as string, load]));
  /** What each was told in the last rounds, the newest last. */
  const told = new Map(
    records.map(({ id }): [string, WantedConfiguration[]] => [id as string, [{}]]),
  );
  /** What each has loaded: what it was last told to. */
  const loaded = new Map(records.map(({ id }) => [id as string, atFirst]));
  const clockOf = (id: string): number => told.get(id)?.[0]?.clockShare ?? 1;
  const runsAt = (id: string): number =>
    clockOf(id) * (options.speedOf?.(loaded.get(id) ?? atFirst) ?? 1);
  const instances = (): readonly PlacedInstance[] =>
    records.map((record) => ({
      ...{ record, ...placeOf(record, index) },
      load: {
        utilisation: Math.min(1, (loads.get(record.id) ?? 0) / runsAt(record.id)),
        ...{ batch: 16, powerW: 0, clockShare: clockOf(record.id) },
        ...{ precision: '', model: '', threads: 0, ...loaded.get(record.id) },
        ...{ batchMax: told.get(record.id)?.[0]?.batchMax ?? 0, atMs: clock.nowMs() },
      },
      loadable: options.loadable ?? [],
    }));
  const keeper = createKeeper(
    {
      ...{ room: { plan, hourlyC: [] }, index, clock, instances, history: memoryHistory() },
      ...{ fabric: memoryFabric({}), logger: silentLogger(), profiles: options.profiles ?? [] },
      hub: createHeadroomHub({ watchersMax: 1, wholeMs: 5_000 }),
    },
    settings,
  );
  own.keeper = keeper;

  const route = (): void => {
    const headroom = new Map(keeper.latest().headroom.map((each) => [each.instanceId, each]));
    for (const stage of ['prefill', 'decode'] as const) {
      const pool = records.filter((record) => record.stage === stage);
      const weights = pool.map(({ id }) => {
        const found = headroom.get(id);
        const isStopped = found === undefined || keeper.conductor.isStopped(id);
        return isStopped ? 0 : Math.max(0.02, stageHeadroom(asPolicy(found), stage)) * runsAt(id);
      });
      const all = weights.reduce((sum, each) => sum + each, 0);
      const total = pool.reduce((sum, { id }) => sum + (loads.get(id) ?? 0), 0);
      pool.forEach(({ id }, at) => {
        const before = loads.get(id) ?? 0;
        const wanted = all > 0 ? (total * (weights[at] ?? 0)) / all : before;
        loads.set(id, before + movedShare * (wanted - before));
      });
    }
  };

  const run = (rounds: number, look: () => void = () => undefined): void => {
    for (let each = 0; each < rounds; each += 1) {
      clock.advance(roundMs);
      keeper.round();
      for (const [id, shares] of told) {
        shares.push(wantedBy(id));
        if (shares.length > lagRounds + 1) shares.shift();
        const [now = {}] = shares;
        const before = loaded.get(id) ?? atFirst;
        const { model = before.model, precision = before.precision } = now;
        loaded.set(id, { model, precision, threads: now.threads ?? before.threads });
      }
      if (isRouted) route();
      look();
    }
  };
  const state = () => {
    const found = keeper.runner.virtual?.state;
    if (found === undefined) throw new Error('The room is not virtual.');
    return found;
  };
  const declare = (different: Partial<RawEmergency>): void => {
    const all = { kind: 'power', scope: null, toShare: 0, byK: 0, forS: 0, ...different };
    keeper.emergencies.declare(checkEmergency(all, index));
  };
  return {
    keeper,
    records,
    run,
    state,
    declare,
    clocks: () => records.map(({ id }) => wantedOf(id)),
    loaded: () => records.map(({ id }) => loaded.get(id) ?? atFirst),
  };
};

const asPolicy = (found: InstanceHeadroom) => ({
  ...{ powerShare: found.powerShare, coreShare: found.coreShare, memoryShare: found.memoryShare },
  ...{ binding: { level: 'row' as const, id: found.binding.id }, conservative: false },
});
