import fc from 'fast-check';
import { exampleLevel, exampleParent } from '../../headroom/example-room.ts';
import type {
  AdjustableInstance,
  OpaqueInstance,
  Plan,
  PlanAction,
  PlannedInstance,
  PlanRoom,
} from '../contract.ts';
import { drawOf } from '../draw.ts';
import {
  exampleAdjustable,
  exampleGpuState,
  exampleKeys,
  exampleOpaque,
  exampleProfiles,
} from '../example-plan.ts';

/** Levels and GPUs that feel an instance of the random rooms, written out. */
export const feltBy = ({ place }: PlannedInstance): readonly string[] => {
  const row = place.server.endsWith('0') || place.server.endsWith('1') ? '0' : '1';
  const power = [`server:${place.server}`, `row:r${row}`, `ups:u${row}`, 'aisle:a'];
  const gpu = `${place.server}/${place.gpus[0] ?? 0}`;
  return [...power, `core:${gpu}`, `memory:${gpu}`];
};

/** Where each constraint of a room is. */
export const stateOf = ({ levels, gpus }: PlanRoom): ReadonlyMap<string, number> =>
  new Map([
    ...levels.map(({ level, id, predictedW }): [string, number] => [`${level}:${id}`, predictedW]),
    ...gpus.flatMap(({ id, core, memory }): [string, number][] => [
      ...[[`core:${id}`, core.predictedC] as [string, number]],
      ...[[`memory:${id}`, memory.predictedC] as [string, number]],
    ]),
  ]);

/** What an instance draws as it is set. */
export const powerOf = (instance: PlannedInstance): number => {
  if (instance.tenant === 'opaque') return Math.min(instance.demandW, instance.capW ?? Infinity);
  const { current, load } = instance;
  const profile = exampleProfiles[exampleKeys.indexOf(current.configuration)];
  return profile === undefined ? NaN : drawOf(profile, current, load).powerW;
};

/** The room once a plan is carried out and a second has passed, by the effects that its actions name. */
export const carriedOut = (room: PlanRoom, { actions }: Plan): PlanRoom => {
  const shifts = new Map<string, number>();
  for (const { instance: id, effect } of actions) {
    const instance = room.instances.find((each) => each.id === id);
    for (const key of instance === undefined ? [] : feltBy(instance)) {
      const [part = ''] = key.split(':');
      const { powerW, coreK, memoryK } = effect;
      const shift = part === 'core' ? coreK : part === 'memory' ? memoryK : powerW;
      shifts.set(key, (shifts.get(key) ?? 0) + shift);
    }
  }
  const shifted = (key: string, at: number): number => at + (shifts.get(key) ?? 0);
  return {
    ...room,
    levels: room.levels.map((state) => {
      const predictedW = shifted(`${state.level}:${state.id}`, state.predictedW);
      return { ...state, predictedW };
    }),
    gpus: room.gpus.map(({ id, core, memory }) => ({
      id,
      core: { ...core, predictedC: shifted(`core:${id}`, core.predictedC) },
      memory: { ...memory, predictedC: shifted(`memory:${id}`, memory.predictedC) },
    })),
    instances: room.instances.map((instance) => {
      const own = actions.filter((action) => action.instance === instance.id);
      if (own.length === 0) return { ...instance, changedAgoS: instance.changedAgoS + 1 };
      return { ...own.reduce(changed, instance), changedAgoS: 0 };
    }),
  };
};

const changed = (instance: PlannedInstance, action: PlanAction): PlannedInstance => {
  if (instance.tenant === 'opaque') {
    const { capW: _, ...open } = instance;
    return action.kind === 'cap' ? { ...open, capW: action.capW } : open;
  }
  return { ...instance, current: setting(instance.current, action) };
};

const setting = (
  current: AdjustableInstance['current'],
  action: PlanAction,
): AdjustableInstance['current'] => {
  const { capW: _, ...open } = current;
  switch (action.kind) {
    case 'reconfigure':
      return { ...current, configuration: action.to };
    case 'cap':
      return { ...current, capW: action.capW };
    case 'stop-routing':
      return { ...current, stopped: true };
    case 'release':
      return action.of === 'cap' ? open : { ...current, stopped: false };
    default:
      return action satisfies never;
  }
};

const serverIds = ['s0', 's1', 's2', 's3'];

/** Rooms of four servers in two rows, in which what levels and GPUs do adds up from what instances draw. */
export const loopRooms = ({ limitMin }: { readonly limitMin: number }): fc.Arbitrary<PlanRoom> =>
  fc
    .record({
      loads: fc.array(fc.nat(160), { minLength: 4, maxLength: 4 }),
      opaque: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 4, maxLength: 4 }),
      room: fc.array(fc.double({ min: limitMin, max: 2, noNaN: true }), {
        ...{ minLength: 9, maxLength: 9 },
      }),
      inletC: fc.array(fc.integer({ min: 20, max: 60 }), { minLength: 4, maxLength: 4 }),
    })
    .map(({ loads, opaque, room, inletC }) => roomOf(loads, opaque, room, inletC));

const roomOf = (
  loads: readonly number[],
  opaqueW: readonly number[],
  limitShares: readonly number[],
  inletC: readonly number[],
): PlanRoom => {
  const instances = serverIds.flatMap((server, at): readonly PlannedInstance[] => [
    exampleAdjustable(`a${at}`, server, { load: loads[at] ?? 0 }),
    exampleOpaque(`o${at}`, server, {
      demandW: opaqueW[at] ?? 0,
      capMinW: 100,
    } satisfies Partial<OpaqueInstance>),
  ]);
  const drawn = (key: string): number =>
    instances
      .filter((each) => feltBy(each).includes(key))
      .reduce((sum, one) => sum + powerOf(one), 0);
  const parents: Readonly<Record<string, readonly string[]>> = {
    ...{ 'server:s0': ['row:r0'], 'server:s1': ['row:r0'] },
    ...{ 'server:s2': ['row:r1'], 'server:s3': ['row:r1'] },
    ...{ 'row:r0': ['ups:u0', 'aisle:a'], 'row:r1': ['ups:u1', 'aisle:a'] },
    ...{ 'ups:u0': [], 'ups:u1': [], 'aisle:a': [] },
  };
  const levels = Object.entries(parents).map(([key, above], at) => {
    const [level = '', id = ''] = key.split(':');
    const usedW = drawn(key);
    const state = { usedW, predictedW: usedW, peakW: usedW };
    const limitW = Math.max(1, usedW) * (limitShares[at] ?? 1);
    const over = above.map((each) => exampleParent(each));
    return exampleLevel(level as 'row', id, { ...state, limitW, parents: over });
  });
  const gpus = instances.map((instance, at) => {
    const { place, tenant } = instance;
    const heat = powerOf(instance) * (tenant === 'opaque' ? 0.1 : 40 / 400);
    const coreC = (inletC[at >> 1] ?? 20) + heat;
    const memoryC = (inletC[at >> 1] ?? 20) + heat / 2;
    return exampleGpuState(`${place.server}/${place.gpus[0] ?? 0}`, coreC, memoryC);
  });
  return { levels, gpus, instances };
};
