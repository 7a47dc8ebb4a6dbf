import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Plan, PlannedInstance, PlanRoom } from '../reconfigure/contract.ts';
import {
  carriedOut,
  feltBy,
  loopRooms,
  powerOf,
  stateOf,
} from '../reconfigure/testing/example-loop.ts';
import {
  exampleAdjustable,
  exampleKeys,
  exampleOpaque,
  examplePlanRoom,
} from '../reconfigure/example-plan.ts';
import { planDefaults, planReconfiguration } from '../reconfigure/plan-reconfiguration.ts';
import type { Emergency } from './contract.ts';
import { emergencyDefaults, planEmergency } from './plan-emergency.ts';
import { withEmergency } from './with-emergency.ts';

const brief = ({ actions }: Plan) =>
  actions.map(({ instance, kind, reason }) => `${instance} ${kind} by ${reason}`);
/** One of ours at 250 W and one of somebody else at 400 W. */
const pair = [exampleAdjustable('ours', 's'), exampleOpaque('theirs', 's')];
const limitedTo = (limitW: number) =>
  planEmergency(examplePlanRoom(pair, { 'row:r': { limitW, predictedW: 650 } }));

describe('an emergency', () => {
  it('takes configurations first', () => {
    const made = limitedTo(640);
    expect(brief(made)).toEqual(['ours reconfigure by row:r cheap']);
    expect(made.unsolved).toEqual([]);
  });

  it('takes quality before load', () => {
    const { actions, losses } = limitedTo(575);
    expect(actions).toMatchObject([{ to: exampleKeys[4], reason: 'row:r quality' }]);
    expect(losses).toMatchObject({ opaqueW: 0, lackLoad: 0 });
  });

  it('takes all work of ours before anything of others, and misses its aim rather', () => {
    const made = limitedTo(490);
    expect(made.actions.map(({ kind }) => kind)).toContain('stop-routing');
    expect(made.losses.opaqueW).toBe(0);
    expect(made.unsolved).toMatchObject([{ constraint: 'row:r', pastLimit: false }]);
  });

  it('takes the least of others in the end: down to the limit, not to the aim', () => {
    const made = limitedTo(450);
    expect(made.actions.at(-1)).toMatchObject({ instance: 'theirs', reason: 'last resort' });
    const after = carriedOut(examplePlanRoom(pair), made);
    expect(powerOf(after.instances[0] as PlannedInstance)).toBe(80);
    expect(made.losses.opaqueW).toBeCloseTo(30, 6);
  });

  it('frees others again as soon as ours can give what they gave', () => {
    const capped = [pair[0] as PlannedInstance, exampleOpaque('theirs', 's', { capW: 300 })];
    const roomOf = (limitW: number) =>
      examplePlanRoom(capped, { 'row:r': { limitW, predictedW: 550 } });
    const freed = planEmergency(roomOf(640));
    expect(brief(freed)).toEqual(['ours reconfigure by row:r cheap', 'theirs release by recovery']);
    // Ours down to 80 W leave 380 of the 400 that are wanted.
    const partly = planEmergency(roomOf(460));
    expect(partly.actions.at(-1)).toMatchObject({ instance: 'theirs', kind: 'cap' });
    expect(partly.losses.opaqueW).toBeCloseTo(20, 6);
  });

  it('leaves a cap of others alone that was set a moment ago', () => {
    const fresh = [
      pair[0] as PlannedInstance,
      exampleOpaque('theirs', 's', { capW: 300, changedAgoS: 5 }),
    ];
    const room = examplePlanRoom(fresh, { 'row:r': { limitW: 640, predictedW: 550 } });
    expect(planEmergency(room).actions).toEqual([]);
  });

  it('says what nobody can give', () => {
    const { unsolved } = limitedTo(200);
    expect(unsolved).toMatchObject([{ constraint: 'row:r', unit: 'W', pastLimit: true }]);
  });

  it('plans nothing without its lever, and stops nobody without the other', () => {
    const room = examplePlanRoom(pair, { 'row:r': { limitW: 450, predictedW: 650 } });
    expect(planEmergency(room, { reconfigure: false, route: true }).actions).toEqual([]);
    const routeless = planEmergency(room, { reconfigure: true, route: false });
    expect(routeless.actions.map(({ kind }) => kind)).not.toContain('stop-routing');
  });
});

const emergencies: fc.Arbitrary<Emergency> = fc.oneof(
  fc.constant<Emergency>({ kind: 'power', share: 0.75 }),
  fc.constant<Emergency>({ kind: 'power', share: 0.5, at: 'row:r0' }),
  fc.constant<Emergency>({ kind: 'cooling', aisle: 'a', share: 0.9 }),
  fc.constant<Emergency>({ kind: 'ahu', aisle: 'a', share: 0.5 }),
  fc.constant<Emergency>({ kind: 'heat-wave', riseK: 12 }),
);
const settings = { ...emergencyDefaults, dwellS: 3 };
const levers = { reconfigure: true, route: true };
const step = (room: PlanRoom) => planEmergency(room, levers, settings);
const rooms = fc
  .tuple(loopRooms({ limitMin: 0.9 }), emergencies)
  .map(([room, emergency]) => withEmergency(room, emergency));
const limitsOf = ({ levels, gpus }: PlanRoom): ReadonlyMap<string, readonly [number, number]> =>
  new Map([
    ...levels.map(({ level, id, limitW }): [string, readonly [number, number]] => [
      `${level}:${id}`,
      [limitW * settings.targetShare, limitW],
    ]),
    ...gpus.flatMap(({ id, core, memory }) =>
      Object.entries({ core, memory }).map(
        ([part, { limitC }]): [string, readonly [number, number]] => [
          `${part}:${id}`,
          [limitC - settings.targetK, limitC],
        ],
      ),
    ),
  ]);
const slack = 1e-5;

describe('an emergency (properties)', () => {
  it('never adds power but where it gives back, and never to one of whom it takes', () => {
    fc.assert(
      fc.property(rooms, (room) => {
        const { actions } = step(room);
        const shifts = new Map<string, number>();
        for (const { instance, reason, effect } of actions) {
          if (reason !== 'recovery') {
            shifts.set(instance, (shifts.get(instance) ?? 0) + effect.powerW);
          }
        }
        return [...shifts.values()].every((shift) => shift < 0);
      }),
    );
  });

  it('touches nobody else while one of ours could still give', () => {
    let touched = 0;
    fc.assert(
      fc.property(rooms, (room) => {
        const made = step(room);
        const after = carriedOut(room, made);
        const [state, limits] = [stateOf(after), limitsOf(room)];
        for (const instance of after.instances) {
          if (instance.tenant !== 'opaque' || instance.capW === undefined) continue;
          touched += 1;
          const forced = feltBy(instance).some((key) => {
            const isFull = (state.get(key) ?? NaN) >= (limits.get(key)?.[1] ?? NaN) - slack;
            const ours = after.instances.filter(
              (each) => each.tenant === 'adjustable' && feltBy(each).includes(key),
            );
            return isFull && ours.every(isIdle);
          });
          expect(forced).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
    expect(touched).toBeGreaterThan(5);
  });

  it('takes nothing that is not needed: each change undone leaves a target missed', () => {
    let changes = 0;
    fc.assert(
      fc.property(rooms, (room) => {
        const made = step(room);
        const [before, limits] = [stateOf(room), limitsOf(room)];
        const taken = new Set(
          made.actions
            .filter(({ reason }) => reason !== 'recovery' && reason !== 'last resort')
            .map(({ instance }) => instance),
        );
        for (const id of taken) {
          changes += 1;
          // Who serves more than before is needed for that.
          const own = made.actions.filter(({ instance }) => instance === id);
          if (own.reduce((sum, { effect }) => sum + effect.capacityLoss, 0) < 0) continue;
          const actions = made.actions.filter(({ instance }) => instance !== id);
          const without = stateOf(carriedOut(room, { ...made, actions }));
          const missed = [...without].some(([key, at]) => {
            const [target = NaN] = limits.get(key) ?? [];
            return at > Math.max(target, -Infinity) + slack && (before.get(key) ?? 0) > target;
          });
          expect(missed).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
    expect(changes).toBeGreaterThan(20);
  });

  it('comes to rest, and all is as it was once it is over', () => {
    let recoveries = 0;
    const roomy = loopRooms({ limitMin: 1.2 });
    fc.assert(
      fc.property(roomy, emergencies, (start, emergency) => {
        const cool = { ...start, gpus: start.gpus.map(cooled) };
        let room = withEmergency(cool, emergency);
        for (let second = 0; second < 24; second += 1) {
          const made = step(room);
          if (second >= 18) expect(made.actions).toEqual([]);
          recoveries += made.actions.length;
          room = carriedOut(room, made);
        }
        const shift = emergency.kind === 'heat-wave' ? emergency.riseK : 0;
        room = {
          ...room,
          levels: room.levels.map((state, at) => ({
            ...{ ...state, limitW: cool.levels[at]?.limitW ?? 0 },
          })),
          gpus: room.gpus.map((gpu) => warmed(gpu, -shift)),
        };
        for (let second = 0; second < 24; second += 1) {
          room = carriedOut(
            room,
            planReconfiguration(room, levers, { ...planDefaults, dwellS: 3 }),
          );
        }
        const setting = (each: PlannedInstance) =>
          each.tenant === 'opaque' ? each.capW : each.current;
        expect(room.instances.map(setting)).toEqual(start.instances.map(setting));
      }),
      { numRuns: 30 },
    );
    expect(recoveries).toBeGreaterThan(5);
  });
});

const warmed = (gpu: PlanRoom['gpus'][number], byK: number): PlanRoom['gpus'][number] => ({
  ...gpu,
  core: { ...gpu.core, predictedC: gpu.core.predictedC + byK },
  memory: { ...gpu.memory, predictedC: gpu.memory.predictedC + byK },
});

/** At 70 degrees at most: below the point up to which things are given back. */
const cooled = (gpu: PlanRoom['gpus'][number]): PlanRoom['gpus'][number] =>
  warmed(gpu, Math.min(0, 70 - Math.max(gpu.core.predictedC, gpu.memory.predictedC)));

const isIdle = (instance: PlannedInstance): boolean =>
  instance.tenant === 'adjustable' && (instance.current.stopped || powerOf(instance) <= 100);
