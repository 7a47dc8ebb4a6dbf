import { describe, expect, it } from '@jest/globals';
import { exampleLevel, exampleParent } from '../headroom/example-room.ts';
import { configurationKey } from '../reconfigure/configuration.ts';
import type { AdjustableInstance, PlanRoom, Profile } from '../reconfigure/contract.ts';
import { drawOf } from '../reconfigure/draw.ts';
import { exampleProfile } from '../reconfigure/example-plan.ts';
import { planDefaults, planReconfiguration } from '../reconfigure/plan-reconfiguration.ts';
import { autoscale, autoscaleDefaults, firstScale } from './autoscale.ts';
import { bearableReplicas } from './bearable-replicas.ts';
import type { ScaleState } from './contract.ts';

/** By clock alone: 100 tokens a second at 400 W. */
const profiles: readonly Profile[] = [1, 0.8, 0.6, 0.4].map((clockShare) =>
  exampleProfile(
    { clockShare },
    { goodput: 100 * clockShare, fullW: 100 + 300 * clockShare ** 2, reloadS: 0 },
  ),
);
const keys = profiles.map(({ configuration }) => configurationKey(configuration));
const profileOf = (key: string): Profile => {
  const found = profiles[keys.indexOf(key)];
  if (found === undefined) throw new Error(key);
  return found;
};

interface Instance {
  readonly id: string;
  readonly configuration: string;
  readonly changedAtS: number;
}

const roundS = 10;

/**
 * Both policies on one pool in a row of power: the load is spread over who is there by what each can do, and instances are
 * started in a minute and drained at once.
 */
const room = (replicas: number) => {
  let atS = 0;
  let state: ScaleState = firstScale(replicas);
  let made = 0;
  let starting: readonly number[] = [];
  const start = (): Instance => ({
    ...{ id: `i${(made += 1)}`, configuration: keys[0] ?? '', changedAtS: -Infinity },
  });
  let instances: readonly Instance[] = Array.from({ length: replicas }, start);
  const seen: { readonly target: number; readonly clocks: string; readonly usedW: number }[] = [];

  const round = (offered: number, limitW: number): void => {
    atS += roundS;
    const ready = starting.filter((readyS) => readyS <= atS);
    starting = starting.filter((readyS) => readyS > atS);
    instances = [...instances, ...ready.map(start)];
    const capacity = instances.reduce(
      (sum, each) => sum + profileOf(each.configuration).goodput,
      0,
    );
    const served = Math.min(offered, capacity);
    const loadOf = (each: Instance): number =>
      (served * profileOf(each.configuration).goodput) / capacity;
    const drawW = (each: Instance): number =>
      drawOf(profileOf(each.configuration), { stopped: false }, loadOf(each)).powerW;
    const usedW = instances.reduce((sum, each) => sum + drawW(each), 0);
    const row = { usedW, predictedW: usedW, peakW: usedW, limitW, parents: [] };
    const planned: PlanRoom = {
      levels: [
        exampleLevel('row', 'r', row),
        ...instances.map(({ id }) =>
          exampleLevel('server', id, { limitW: 1e6, parents: [exampleParent('row:r')] }),
        ),
      ],
      gpus: [],
      instances: instances.map((each): AdjustableInstance => ({
        ...{ tenant: 'adjustable', id: each.id, place: { server: each.id, gpus: [] } },
        ...{ stage: 'decode', model: 'panel', load: offered / instances.length, profiles },
        ...{ current: { configuration: each.configuration, stopped: false } },
        ...{ preferred: keys[0] ?? '', changedAgoS: atS - each.changedAtS },
      })),
    };
    const { actions } = planReconfiguration(planned, undefined, {
      ...planDefaults,
      shedShareMax: 1,
    });
    instances = instances.map((each) => {
      const own = actions.find(({ instance }) => instance === each.id);
      return own?.kind === 'reconfigure'
        ? { ...each, configuration: own.to, changedAtS: atS }
        : each;
    });
    const leftW = limitW * planDefaults.targetShare - usedW;
    const running = instances.length + starting.length;
    const { state: next, decision } = autoscale(
      state,
      {
        ...{ atMs: atS * 1000, loadTokensPerS: served, capacityTokensPerS: 80, startMs: 60_000 },
        // What is not served is late.
        ...{ ready: instances.length, attainment: served / offered },
        replicasBearable: bearableReplicas({
          ...{ running, leftW, instanceW: 400, temperatureShare: 1 },
        }),
      },
      { ...autoscaleDefaults, planEveryMs: 60_000, downWindowMs: 300_000 },
    );
    state = next;
    if (decision.kind === 'planned') {
      for (let each = running; each < state.target; each += 1) starting = [...starting, atS + 60];
      const gone = Math.max(0, running - state.target);
      instances = instances.slice(0, instances.length - gone);
    }
    const clocks = instances.map(({ configuration }) => configuration.slice(-4)).join(' ');
    seen.push({ target: state.target, clocks, usedW });
  };
  const run = (rounds: number, offered: number, limitW: number) => {
    for (let each = 0; each < rounds; each += 1) round(offered, limitW);
    return seen.slice(-20);
  };
  return { run };
};

const isStill = (last: readonly { readonly target: number; readonly clocks: string }[]): boolean =>
  new Set(last.map(({ target, clocks }) => `${target} ${clocks}`)).size === 1;

describe('autoscaling beside reconfiguration', () => {
  it('comes to rest where there is power, with all at their full clock', () => {
    const last = room(2).run(120, 300, 4000);
    expect(isStill(last)).toBe(true);
    // Four would do; the misses while they started made it doubt the profile.
    expect(last[0]?.target).toBeLessThanOrEqual(5);
    expect(last[0]?.clocks).toMatch(/^(1\.00 ?){4,5}$/);
  });

  it('starts nobody where the row bears no more, though requests are late', () => {
    const { run } = room(3);
    const last = run(180, 400, 1050);
    expect(isStill(last)).toBe(true);
    expect(last[0]?.target).toBe(3);
    expect(last[0]?.clocks).not.toBe('1.00 1.00 1.00');
    for (const { usedW } of last) expect(usedW).toBeLessThanOrEqual(1050);
  });

  it('goes neither to and fro when power is cut and comes back', () => {
    const { run } = room(4);
    run(60, 300, 4000);
    const cut = run(120, 300, 1200);
    expect(isStill(cut)).toBe(true);
    expect(cut[0]?.target).toBe(4);
    for (const { usedW } of cut) expect(usedW).toBeLessThanOrEqual(1200);
    const back = run(240, 300, 4000);
    expect(isStill(back)).toBe(true);
    expect(back[0]?.clocks).toMatch(/^(1\.00 ?)+$/);
  });
});
