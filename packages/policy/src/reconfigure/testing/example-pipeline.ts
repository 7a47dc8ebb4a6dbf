import type { Stage } from '@isotherm/kernel';
import fc from 'fast-check';
import { exampleLevel, exampleParent } from '../../headroom/example-room.ts';
import { configurationKey } from '../configuration.ts';
import type { AdjustableInstance, Plan, PlannedInstance, PlanRoom, Profile } from '../contract.ts';
import { drawOf } from '../draw.ts';
import { exampleOpaque, exampleProfile } from '../example-plan.ts';

/** What each stage draws at full clock and goodput, about as the fitted models of an H100 server have it. */
const fullW: Readonly<Record<'encode' | 'prefill' | 'decode', number>> = {
  ...{ encode: 4800, prefill: 8300, decode: 4200 },
};
const stages = ['encode', 'prefill', 'decode'] as const;
const idleW = 2300;
const clockShares = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3];

/** A part stays, the rest goes with clock × voltage², and the voltage falls with the clock. */
const powerShare = (clockShare: number): number =>
  0.15 + 0.85 * clockShare * (0.6 + 0.4 * clockShare) ** 2;

const profilesOf = (stage: keyof typeof fullW): readonly Profile[] =>
  clockShares.map((clockShare) =>
    exampleProfile(
      { clockShare },
      {
        goodput: clockShare,
        idleW,
        fullW: idleW + (fullW[stage] - idleW) * powerShare(clockShare),
      },
    ),
  );
const profiles = {
  ...{ encode: profilesOf('encode'), prefill: profilesOf('prefill') },
  decode: profilesOf('decode'),
};
const [full] = profiles.encode.map(({ configuration }) => configurationKey(configuration));

/** Drawn by an instance of ours as it is set. */
export const drawnBy = ({ profiles: own, current, load }: AdjustableInstance) => {
  const profile = own.find(
    (each) => configurationKey(each.configuration) === current.configuration,
  );
  if (profile === undefined) throw new Error('no profile');
  return drawOf(profile, current, load);
};

export const isOurs = (instance: PlannedInstance): instance is AdjustableInstance =>
  instance.tenant === 'adjustable';

/** Share of each stage's load that has capacity. */
export const servedOf = (room: PlanRoom): Readonly<Record<string, number>> =>
  Object.fromEntries(
    stages.map((stage) => {
      const own = room.instances.filter(isOurs).filter((each) => each.stage === stage);
      const load = own.reduce((sum, each) => sum + each.load, 0);
      const capacity = own.reduce((sum, each) => sum + drawnBy(each).capacity, 0);
      return [stage, load > 0 ? Math.min(1, capacity / load) : 1];
    }),
  );

/** A row of pipelines with an opaque server, at all loads, whose power falls to a share of what it draws. */
export const pipelineRooms: fc.Arbitrary<PlanRoom> = fc
  .record({
    counts: fc.tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
    ),
    loads: fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), {
      ...{ minLength: 12, maxLength: 12 },
    }),
    share: fc.double({ min: 0.3, max: 1.05, noNaN: true }),
  })
  .map(({ counts, loads, share }) => pipelineRoom(counts, loads, share));

/** So many encoders, prefill and decode instances at these loads; the row may draw a share of what it does. */
export const pipelineRoom = (
  counts: readonly number[],
  loads: readonly number[],
  share: number,
): PlanRoom => {
  const ours = stages.flatMap((stage, at) =>
    Array.from({ length: counts[at] ?? 0 }, (_, each) => instanceOf(stage, each)),
  );
  const loaded = ours.map((each, at) => ({ ...each, load: loads[at] ?? 0.5 }));
  const instances = [
    ...loaded,
    exampleOpaque('theirs', 's-theirs', { demandW: 9700, capMinW: 5000 }),
  ];
  const usedW = 9700 + loaded.reduce((sum, each) => sum + drawnBy(each).powerW, 0);
  const state = { usedW, predictedW: usedW, peakW: usedW, limitW: usedW * share };
  const servers = instances.map(({ place }) =>
    exampleLevel('server', place.server, {
      ...{ limitW: Infinity, parents: [exampleParent('row:r')] },
    }),
  );
  return { levels: [...servers, exampleLevel('row', 'r', state)], gpus: [], instances };
};

const instanceOf = (stage: (typeof stages)[number], at: number): AdjustableInstance => ({
  ...{ tenant: 'adjustable', id: `${stage}-${at}`, stage: stage satisfies Stage, model: 'panel' },
  place: { server: `s-${stage}-${at}`, gpus: [0] },
  ...{ load: 0.5, profiles: profiles[stage], preferred: full ?? '', changedAgoS: 1000 },
  current: { configuration: full ?? '', stopped: false },
});

/** Where the row is once a plan is carried out. */
export const rowAfterW = (room: PlanRoom, { actions }: Plan): number =>
  (room.levels.find(({ level }) => level === 'row')?.predictedW ?? NaN) +
  actions.reduce((sum, { effect }) => sum + effect.powerW, 0);

/** The room with all that a plan does to settings of ours. */
export const setAfter = (room: PlanRoom, { actions }: Plan): PlanRoom => ({
  ...room,
  instances: room.instances.map((instance) =>
    isOurs(instance)
      ? actions.filter((action) => action.instance === instance.id).reduce(withAction, instance)
      : instance,
  ),
});

const withAction = (
  instance: AdjustableInstance,
  action: Plan['actions'][number],
): AdjustableInstance => {
  const { current } = instance;
  switch (action.kind) {
    case 'reconfigure':
      return { ...instance, current: { ...current, configuration: action.to } };
    case 'cap':
      return { ...instance, current: { ...current, capW: action.capW } };
    case 'stop-routing':
      return { ...instance, current: { ...current, stopped: true } };
    case 'release':
      return instance;
    default:
      return action satisfies never;
  }
};
