import { exampleLevel, exampleParent } from '../headroom/example-room.ts';
import type { GpuState, LevelState } from '../headroom/level.ts';
import { configurationKey } from './configuration.ts';
import type {
  AdjustableInstance,
  Configuration,
  OpaqueInstance,
  PlanRoom,
  Profile,
} from './contract.ts';

export const exampleConfiguration = (different: Partial<Configuration> = {}): Configuration => ({
  ...{ model: 'panel', precision: 'fp32', parallelism: 1, batchMax: 8, clockShare: 1 },
  ...different,
});

/** 100 of load at 400 W, 40 K at the core and 20 K at the memory; 100 W idle. */
export const exampleProfile = (
  configuration: Partial<Configuration> = {},
  different: Partial<Profile> = {},
): Profile => ({
  configuration: exampleConfiguration(configuration),
  ...{ goodput: 100, idleW: 100, fullW: 400, coreK: 40, memoryK: 20, quality: 1, reloadS: 20 },
  ...different,
});

/** The best one, two lower clocks, one of lower precision, and a smaller model of less quality. */
export const exampleProfiles: readonly Profile[] = [
  exampleProfile(),
  exampleProfile({ clockShare: 0.8 }, { goodput: 85, fullW: 300, coreK: 30, memoryK: 16 }),
  exampleProfile({ clockShare: 0.6 }, { goodput: 65, fullW: 220, coreK: 22, memoryK: 12 }),
  exampleProfile({ precision: 'int8' }, { goodput: 110, fullW: 280, coreK: 28, memoryK: 14 }),
  exampleProfile(
    { model: 'small', precision: 'int8' },
    { goodput: 150, fullW: 200, idleW: 80, coreK: 20, memoryK: 10, quality: 0.9 },
  ),
];

/** Keys of `exampleProfiles`, in their order. */
export const exampleKeys = exampleProfiles.map(({ configuration }) =>
  configurationKey(configuration),
) as unknown as readonly [string, string, string, string, string];

/** An instance at half of its goodput, on the first GPU of a server. */
export const exampleAdjustable = (
  id: string,
  server: string,
  different: Partial<AdjustableInstance> = {},
): AdjustableInstance => ({
  ...{ tenant: 'adjustable', id, place: { server, gpus: [0] }, stage: 'decode', model: 'panel' },
  ...{ load: 50, profiles: exampleProfiles, preferred: exampleKeys[0], changedAgoS: 1000 },
  current: { configuration: exampleKeys[0], stopped: false },
  ...different,
});

/** Somebody's instance of 400 W that can be capped to 200, on the second GPU of a server. */
export const exampleOpaque = (
  id: string,
  server: string,
  different: Partial<OpaqueInstance> = {},
): OpaqueInstance => ({
  ...{ tenant: 'opaque', id, place: { server, gpus: [1] }, demandW: 400, capMinW: 200 },
  ...{ coreKPerW: 0.1, memoryKPerW: 0.05, changedAgoS: 1000 },
  ...different,
});

/** Servers in a row that is at 900 of 1000 W, with cool GPUs; nothing else is anywhere near its limit. */
export const examplePlanRoom = (
  instances: PlanRoom['instances'],
  different: Readonly<Record<string, Partial<LevelState>>> = {},
  gpus: readonly GpuState[] = [],
): PlanRoom => {
  const servers = [...new Set(instances.map(({ place }) => place.server))].toSorted();
  const levels = [
    ...servers.map((id) => exampleLevel('server', id, { parents: [exampleParent('row:r')] })),
    exampleLevel('row', 'r', {
      parents: [exampleParent('ups:u'), exampleParent('aisle:a')],
      ...{ usedW: 900, predictedW: 900, peakW: 900 },
    }),
    ...[exampleLevel('ups', 'u', { limitW: 9000 }), exampleLevel('aisle', 'a', { limitW: 9000 })],
  ];
  return {
    levels: levels.map((state) => ({ ...state, ...different[`${state.level}:${state.id}`] })),
    ...{ gpus, instances },
  };
};

/** A GPU whose limits are at 85 degrees. */
export const exampleGpuState = (id: string, coreC: number, memoryC = coreC): GpuState => ({
  id,
  core: { nowC: coreC, predictedC: coreC, limitC: 85 },
  memory: { nowC: memoryC, predictedC: memoryC, limitC: 85 },
});
