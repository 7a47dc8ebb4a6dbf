import { describe, expect, it } from '@jest/globals';
import { linearProfile, type ProfileEntry } from '@isotherm/kernel';
import { autoscaleDefaults } from '@isotherm/policy';
import type { StageService } from '@isotherm/stack';
import { firstPool, type InstanceReading, type Pool, type PoolStep } from './pool.ts';
import { type Fleet, scalePools } from './scale-pools.ts';

const entry: ProfileEntry = {
  ...linearProfile(
    {
      ...{ stage: 'decode', model: 'm', hardware: 'cpu', gpus: 0, precision: 'fp32' },
      ...{ batchMax: 4, source: 's' },
    },
    { fixedMs: 10 },
  ),
  ...{ name: 'decode', startS: 0, load: [] },
};
const settings = {
  ...autoscaleDefaults,
  ...{ planEveryMs: 1000, urgentEveryMs: 500, downWindowMs: 3000, stepDownMax: 8 },
  ...{ loadWindowMs: 1000, judgeEveryMs: 1000 },
};

/** Instances of which each is busy with so many sequences all the time, or for a share of it. */
const fakeFleet = () => {
  const fleet = {
    now: 0,
    busyShare: 1,
    batch: 4,
    clockShare: 1,
    attainment: undefined as number | undefined,
    headroomShare: undefined as number | undefined,
    places: undefined as number | undefined,
    starting: 0,
    instances: [{ id: 'decode-1', busyMs: 0 }],
  };
  const drained: string[] = [];
  const port: Fleet = {
    read: async () => ({
      ...{ atMs: fleet.now, attainment: fleet.attainment },
      ...(fleet.places !== undefined && { places: fleet.places }),
      instances: fleet.instances.map(({ id, busyMs }, index): InstanceReading => ({
        ...{ instanceId: id, busyMs, jobMs: busyMs * fleet.batch, pendingTokens: 10 - index },
        ...{ headroomShare: fleet.headroomShare, clockShare: fleet.clockShare },
      })),
    }),
    starting: () => fleet.starting,
    add: async () => {
      fleet.instances.push({ id: `decode-${fleet.instances.length + 1}`, busyMs: 0 });
    },
    drain: async (id) => {
      drained.push(id);
      fleet.instances = fleet.instances.filter((one) => one.id !== id);
    },
  };
  return { fleet, port, drained };
};

const service: StageService = 'decode';

describe('scaling pools of live instances', () => {
  const run = (start = 1) => {
    const { fleet, port, drained } = fakeFleet();
    const steps: PoolStep[] = [];
    let pools: readonly Pool[] = [firstPool({ service, entry, tokens: 100, targetMs: 50 }, start)];
    const look = async (ms: number): Promise<number> => {
      fleet.now += ms;
      for (const one of fleet.instances) one.busyMs += ms * fleet.busyShare;
      pools = await scalePools(pools, port, settings, (step) => steps.push(step));
      return fleet.instances.length;
    };
    return { fleet, drained, steps, look };
  };

  it('adds instances where the SLO is missed or load asks for it, and lets the idle ones go later', async () => {
    const { fleet, drained, steps, look } = run();
    expect(await look(100)).toBe(1);
    // A full batch of four makes 400 tokens a second, all that one instance does.
    expect(await look(1000)).toBe(1);
    expect(steps[0]?.sample).toMatchObject({ loadTokensPerS: 400, capacityTokensPerS: 400 });
    fleet.attainment = 0.5;
    expect(await look(1000)).toBe(2);
    fleet.attainment = 1;
    fleet.busyShare = 0.1;
    expect(await look(1000)).toBe(2);
    expect(await look(1000)).toBe(2);
    for (let second = 0; second < 4; second += 1) await look(1000);
    expect(fleet.instances).toHaveLength(1);
    // The one with the least to do.
    expect(drained).toEqual(['decode-2']);
  });

  it('adds nobody where heat leaves nothing', async () => {
    const { fleet, steps, look } = run();
    fleet.headroomShare = 0.02;
    fleet.attainment = 0.5;
    await look(100);
    expect(await look(1000)).toBe(1);
    const { decision } = steps[0] ?? {};
    expect(decision).toMatchObject({ kind: 'planned', trace: { limitedBy: 'headroom' } });
  });

  it('adds no more than power and heat of the room have a place for', async () => {
    const { fleet, steps, look } = run();
    fleet.places = 0;
    fleet.attainment = 0.5;
    await look(100);
    expect(await look(1000)).toBe(1);
    expect(steps[0]?.decision).toMatchObject({ trace: { limitedBy: 'headroom' } });
    fleet.places = 1;
    expect(await look(1000)).toBe(2);
  });

  it('leaves to others what they are starting again', async () => {
    const { fleet, look } = run(2);
    fleet.instances = [{ id: 'decode-1', busyMs: 0 }];
    fleet.starting = 1;
    await look(100);
    expect(await look(1000)).toBe(1);
    fleet.starting = 0;
    expect(await look(1000)).toBe(2);
  });

  it('starts again what has died, by the next plan', async () => {
    const { fleet, look } = run();
    await look(100);
    fleet.instances = [];
    expect(await look(1000)).toBe(1);
  });
});
