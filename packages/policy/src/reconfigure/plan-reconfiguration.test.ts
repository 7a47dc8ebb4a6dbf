import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import type { Plan, PlanRoom } from './contract.ts';
import { carriedOut, loopRooms, stateOf } from './testing/example-loop.ts';
import {
  exampleAdjustable,
  exampleGpuState,
  exampleKeys,
  examplePlanRoom,
  exampleProfile,
  exampleProfiles,
} from './example-plan.ts';
import { planDefaults, planReconfiguration } from './plan-reconfiguration.ts';

const [best, slower, slow, int8, small] = exampleKeys;
const brief = ({ actions }: Plan) =>
  actions.map((action) =>
    action.kind === 'reconfigure'
      ? `${action.instance} to ${action.to} by ${action.reason}`
      : `${action.instance} ${action.kind}`,
  );
const tight = (limitW: number) => ({ 'row:r': { limitW } });
const plan = (...given: Parameters<typeof examplePlanRoom>) =>
  planReconfiguration(examplePlanRoom(...given));

describe('planning', () => {
  it('changes nothing while limits are far', () => {
    const { trace, ...rest } = plan([exampleAdjustable('a', 's')]);
    expect(rest).toMatchObject({ actions: [], unsolved: [], needsReplicas: [] });
    expect(trace).toEqual({ steps: [], unknown: [] });
  });

  it('lowers the clock before it loads anything', () => {
    const { actions, unsolved } = plan([exampleAdjustable('a', 's')], tight(925));
    expect(actions).toEqual([
      {
        ...{ kind: 'reconfigure', instance: 'a', from: best, to: slower },
        ...{ reason: 'row:r cheap', costS: 0 },
        effect: {
          ...{ powerW: expect.closeTo(-32.35, 2), coreK: expect.closeTo(-3.24, 2) },
          ...{ memoryK: expect.closeTo(-0.89, 2), capacityLoss: 15, qualityLoss: 0 },
        },
      },
    ]);
    expect(unsolved).toEqual([]);
  });

  it('loads another precision where clocks do not reach, and says what it costs', () => {
    const { actions } = plan([exampleAdjustable('a', 's', { load: 90 })], tight(925));
    expect(actions).toMatchObject([{ to: int8, reason: 'row:r reload', costS: 20 }]);
  });

  it('does not load what comes too late', () => {
    const busy = exampleAdjustable('a', 's', { load: 90 });
    const room = { ...examplePlanRoom([busy], tight(925)), deadlineS: 10 };
    const { actions, unsolved } = planReconfiguration(room);
    expect(actions).toEqual([]);
    expect(unsolved).toEqual([
      { constraint: 'row:r', unit: 'W', over: expect.closeTo(30.5, 9), pastLimit: false },
    ]);
  });

  it('lets another instance take the load before quality goes', () => {
    const profiles = exampleProfiles.filter((_, at) => at !== 3);
    const busy = exampleAdjustable('a', 's', { load: 90, profiles });
    const idle = exampleAdjustable('b', 'elsewhere', { load: 10, profiles });
    const away = { 'server:elsewhere': { parents: [] } };
    expect(brief(plan([busy, idle], { ...tight(925), ...away }))).toEqual([
      `a to ${slower} by row:r move`,
    ]);
    const settings = { ...planDefaults, qualityLossMax: 0.2 };
    const alone = planReconfiguration(
      ...([examplePlanRoom([busy], tight(925)), { reconfigure: true }, settings] as const),
    );
    expect(brief(alone)).toEqual([`a to ${small} by row:r quality`]);
    expect(alone.losses).toMatchObject({ qualityLoss: expect.closeTo(0.1, 9), lackLoad: 0 });
  });

  it('gives no load up by itself, and says what an autoscaler would have to bring', () => {
    const busy = exampleAdjustable('a', 's', { load: 250, profiles: exampleProfiles.slice(0, 3) });
    const { actions, unsolved, needsReplicas } = plan([busy], tight(800));
    expect(actions).toEqual([]);
    expect(unsolved).toMatchObject([{ constraint: 'row:r', pastLimit: true }]);
    expect(needsReplicas).toEqual([
      { stage: 'decode', model: 'panel', lackLoad: 150, replicas: 2 },
    ]);
  });

  it('cools a core as it saves power', () => {
    const hot = [exampleGpuState('s/0', 83, 60)];
    const { actions } = plan([exampleAdjustable('a', 's')], {}, hot);
    expect(actions).toMatchObject([{ to: slower, reason: 'core:s/0 cheap' }]);
  });

  it('never cools one limit by passing another', () => {
    const hotter = exampleProfile({ parallelism: 2 }, { fullW: 200, idleW: 50, coreK: 90 });
    const profiles = [exampleProfile(), hotter];
    const instance = exampleAdjustable('a', 's', { profiles });
    const at = (coreC: number) => [exampleGpuState('s/0', coreC, 30)];
    expect(plan([instance], tight(925), at(79)).actions).toEqual([]);
    expect(plan([instance], tight(925), at(30)).actions).toHaveLength(1);
  });

  it('plans nothing for what has no profile, and names it', () => {
    const current = { configuration: 'stranger', stopped: false };
    const { actions, trace } = plan([exampleAdjustable('a', 's', { current })], tight(800));
    expect(actions).toEqual([]);
    expect(trace.unknown).toEqual(['a']);
  });

  it('changes nothing with the lever off', () => {
    const slowed = { current: { configuration: slow, stopped: false } };
    for (const limitW of [800, 9000]) {
      const room = examplePlanRoom([exampleAdjustable('a', 's', slowed)], tight(limitW));
      expect(planReconfiguration(room, { reconfigure: false }).actions).toEqual([]);
    }
  });

  it('gives back once there is room, not before it has waited', () => {
    const current = { configuration: slow, stopped: false };
    const recover = (changedAgoS: number, limitW: number) =>
      brief(plan([exampleAdjustable('a', 's', { current, changedAgoS })], tight(limitW)));
    expect(recover(1000, 1100)).toEqual([`a to ${best} by recovery`]);
    expect(recover(10, 1100)).toEqual([]);
    expect(recover(1000, 1050)).toEqual([]);
  });

  it('gives nothing back where a prediction is no number', () => {
    const current = { configuration: slow, stopped: false };
    const blind = { 'ups:u': { predictedW: NaN } };
    expect(plan([exampleAdjustable('a', 's', { current })], blind).actions).toEqual([]);
  });
});

const settings = { ...planDefaults, dwellS: 3, shedShareMax: 0.5 };
const step = (room: PlanRoom) => planReconfiguration(room, { reconfigure: true }, settings);

describe('planning (properties)', () => {
  it('does not depend on any order, and changes nothing that it is given', () => {
    fc.assert(
      fc.property(loopRooms({ limitMin: 0.7 }), fc.nat(), (room, seed) => {
        const before = JSON.stringify(room);
        const made = step(room);
        expect(JSON.stringify(room)).toBe(before);
        const random = seededRandom(seed);
        const mix = <Item>(items: readonly Item[]): readonly Item[] =>
          items
            .map((item) => ({ item, at: random() }))
            .toSorted((a, b) => a.at - b.at)
            .map(({ item }) => item);
        const { levels, gpus, instances } = room;
        const mixed = { levels: mix(levels), gpus: mix(gpus), instances: mix(instances) };
        expect(step(mixed)).toEqual(made);
      }),
    );
  });

  it('does what it says: what it does not call unsolved is at its target', () => {
    fc.assert(
      fc.property(loopRooms({ limitMin: 0.7 }), (room) => {
        const made = step(room);
        const [before, after] = [stateOf(room), stateOf(carriedOut(room, made))];
        for (const { level, id, limitW } of room.levels) {
          const key = `${level}:${id}`;
          const at = after.get(key) ?? NaN;
          if ((before.get(key) ?? NaN) <= limitW * settings.engageShare) continue;
          const unsolved = made.unsolved.find(({ constraint }) => constraint === key);
          expect(at - (unsolved?.over ?? 0)).toBeLessThanOrEqual(
            limitW * settings.targetShare + 1e-5,
          );
        }
      }),
    );
  });

  it('comes to rest under a constant input, and takes nothing that it has given back', () => {
    fc.assert(
      fc.property(loopRooms({ limitMin: 0.7 }), (start) => {
        let room = start;
        const recovered = new Set<string>();
        for (let second = 0; second < 36; second += 1) {
          const made = step(room);
          for (const { instance, reason } of made.actions) {
            if (reason === 'recovery') recovered.add(instance);
            else expect(recovered).not.toContain(instance);
          }
          if (second >= 30) expect(made.actions).toEqual([]);
          room = carriedOut(room, made);
        }
      }),
      { numRuns: 30 },
    );
  });
});
