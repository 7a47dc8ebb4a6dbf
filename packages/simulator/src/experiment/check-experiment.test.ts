import { describe, expect, it } from '@jest/globals';
import type { ModelProfile, ProfileEntry } from '@isotherm/kernel';
import { buildExperiment, referenceProblems } from './build-experiment.ts';
import { checkExperiment } from './check-experiment.ts';
import { runExperiment } from './experiment.ts';

const pools = [
  { role: 'encode', stages: ['encode-1'], count: 2 },
  { role: 'text', stages: ['prefill-2', 'decode-2'], count: 2, order: 'short-first' },
];
const small = {
  ...{ name: 'small', duration_s: 20, warm_up_s: 2, seeds: 2, sample_max: 2 },
  deployments: [
    {
      ...{ profile: 'p.yaml', requests: { requests_per_s: 5, images_max: 2 }, pools },
      slo: { ttft_ms: 2000, tbt_ms: 100 },
    },
  ],
  room: {
    example: { racks_per_row: 1, servers_per_rack: 1 },
    ...{ period_s: 5, disturbances: [{ from_s: 10, kind: 'power', share: 0.75 }] },
  },
  arms: [
    { name: 'oblivious' },
    { name: 'tapas', levers: ['place', 'route', 'reconfigure'] },
    {
      name: 'monolith',
      pools: [{ role: 'whole', stages: ['encode-1', 'prefill-2', 'decode-2'], count: 2 }],
    },
  ],
};
const entry = (name: string, stage: ProfileEntry['stage'], gpus: number): ProfileEntry => ({
  ...{ name, stage, gpus, model: 'm', hardware: 'h100', precision: 'bf16', batchMax: 8 },
  ...{ startS: 1, load: [], source: 's', points: [{ batch: 1, tokens: 1, latencyMs: 20 }] },
});
const profile: ModelProfile = {
  ...{ name: 'm', model: 'M', reading: 'decoder-only', sources: [] },
  shape: { contextMaxTokens: 4096, imageTokens: 100, hiddenSize: 64, kvBytesPerToken: 1024 },
  stages: [
    ...[entry('encode-1', 'encode', 1), entry('prefill-2', 'prefill', 2)],
    entry('decode-2', 'decode', 2),
  ],
};
const files = { profiles: new Map([['p.yaml', profile]]), traces: new Map() };
const okOf = (value: unknown) => {
  const checked = checkExperiment(value);
  if (checked.kind === 'refused') throw new RangeError(JSON.stringify(checked.problems));
  return checked.experiment;
};

describe('an experiment in a file', () => {
  it('is read, with defaults for what it does not say', () => {
    expect(okOf(small)).toMatchObject({
      ...{ name: 'small', durationS: 20, seeds: [1, 2], sampleMax: 2 },
      deployments: [{ requests: { kind: 'drawn', imageShare: 0.48 }, transferGbPerS: 25 }],
      room: { periodS: 5, planPeriodS: 30, disturbances: [{ untilS: Infinity }] },
      arms: [{ levers: { place: false } }, { levers: { place: true } }, { name: 'monolith' }],
    });
    const { room: _, arms: __, ...least } = small;
    expect(okOf({ ...least, seeds: [7, 7, 9] })).toMatchObject({ seeds: [7, 9], arms: [{}] });
  });

  it('runs in each of its arms', () => {
    const document = okOf(small);
    expect(referenceProblems(document, files)).toEqual([]);
    for (const arm of document.arms) {
      const result = runExperiment(buildExperiment(document, files, arm, 1));
      expect(result.deployments[0]?.outcome.done).toBeGreaterThan(40);
      expect(result.unplaced).toBe(0);
      expect(result.room?.points).toHaveLength(4);
    }
  });

  it('is refused with all its problems at once', () => {
    const checked = checkExperiment({
      ...{ ...small, name: 'No Name', warm_up_s: 20, colour: 'blue' },
      arms: [{ name: 'a' }, { name: 'a', levers: ['fly'] }],
      room: { file: 'r.yaml', example: {}, disturbances: [{ from_s: 1, kind: 'flood' }] },
      deployments: [
        { ...small.deployments[0], requests: { trace: 't.csv', format: 'pcap', burstiness: 2 } },
      ],
    });
    const paths = checked.kind === 'refused' ? checked.problems.map(({ path }) => path) : [];
    expect(paths.toSorted()).toEqual([
      ...['arms[1].levers[0]', 'arms[1].name', 'colour', 'deployments[0].requests.burstiness'],
      ...['deployments[0].requests.format', 'name', 'room', 'room.disturbances[0].kind'],
      'warm_up_s',
    ]);
  });

  it('is told what its profile does not have', () => {
    const document = okOf({
      ...small,
      arms: [{ name: 'a', pools: [{ role: 'prefill', stages: ['prefill-9'], count: 1 }] }],
    });
    expect(referenceProblems(document, files)).toEqual([
      {
        path: 'arms[0].pools[0].stages[0]',
        message: 'prefill-9 is not in the profile: encode-1, prefill-2, decode-2',
      },
      { path: 'arms[0].pools[0].stages', message: 'lacks one of prefill' },
      { path: 'arms[0].pools', message: 'need text, whole, or prefill and decode' },
    ]);
  });

  it('has arms that differ in what is oversubscribed, known, and goes wrong, under a weather', () => {
    const week = {
      hours: Array.from({ length: 24 }, (_, hour) => hour),
      weekdays: [1, 1, 1, 1, 1, 0.5, 0.5],
    };
    const [deployment] = small.deployments;
    const document = okOf({
      ...small,
      deployments: [{ ...deployment, parameters_b: 72, requests: { requests_per_s: 5, week } }],
      room: {
        ...small.room,
        ...{ quiet_period_s: 20, weather: { file: 'w.epw', start_hour: 12 } },
        example: { racks_per_row: 2, servers_per_rack: 2, airflow_margin: 1.2 },
        customers: { servers: 2, servers_max: 2, most_shares: [0.5, 1] },
      },
      arms: [
        { name: 'plain' },
        { name: 'full', oversubscription: 0.4, aware: [], uniform_caps: true, disturbances: [] },
        { name: 'air', oversubscription: 0, air_oversubscription: 0.5, aware: ['trend'] },
      ],
    });
    const built = document.arms.map((arm) =>
      buildExperiment(document, { ...files, hourlyC: [30] }, arm, 1),
    );
    const limits = built.map(({ room }) => room?.plan.rows[0]?.limitW ?? 0);
    const airs = built.map(({ room }) => room?.plan.aisles[0]?.ahus[0]?.airflowM3s ?? 0);
    expect((limits[2] ?? 0) / (limits[1] ?? 0)).toBeCloseTo(1.4, 2);
    expect((airs[0] ?? 0) / (airs[2] ?? 0)).toBeCloseTo(1.5, 1);
    expect(built[1]?.room?.plan.outside).toEqual({ kind: 'epw', file: 'w.epw', startHour: 12 });
    expect(built.map(({ awareness }) => awareness)).toEqual([
      { stages: true, horizonS: Infinity, forecast: false, uniformCaps: false },
      { stages: false, horizonS: 0, forecast: false, uniformCaps: true },
      { stages: false, horizonS: 0, forecast: true, uniformCaps: false },
    ]);
    expect(built.map(({ room }) => room?.disturbances?.length)).toEqual([1, 0, 1]);
    expect(document.deployments[0]).toMatchObject({ parametersB: 72 });
    const [one] = built;
    if (one === undefined) throw new RangeError('no arm');
    expect(runExperiment(one).deployments[0]?.outcome.arrived).toBeGreaterThanOrEqual(0);
    const wrong = checkExperiment({
      ...small,
      deployments: [{ ...deployment, requests: { requests_per_s: 5, week: { hours: [1] } } }],
    });
    expect(JSON.stringify(wrong)).toContain('needs 24 numbers');
  });

  it('has targets by what requests take alone, colocates and takes turns, and says what lacks for it', () => {
    const alone = { ttft_times: 5, tbt_times: 4, alone: ['encode-1', 'prefill-2', 'decode-2'] };
    const { room: _, ...base } = small;
    const document = okOf({
      ...base,
      deployments: [{ ...small.deployments[0], slo: alone, colocate: { media_max: 1 } }],
      arms: [{ name: 'a', routing: 'in-turn' }],
    });
    expect(document.arms[0]).toMatchObject({ routing: 'in-turn' });
    expect(referenceProblems(document, files)).toEqual([
      { path: 'deployments[0].pools[1].stages', message: 'lacks one of encode' },
    ]);
    const [deployment] = document.deployments;
    const stages = ['prefill-2', 'decode-2', 'encode-1'];
    const pools = deployment?.pools.map((pool) =>
      pool.role === 'text' ? { ...pool, stages } : pool,
    );
    const [arm] = document.arms;
    if (arm === undefined || pools === undefined) throw new RangeError('an arm and pools');
    const experiment = buildExperiment(document, files, { ...arm, pools }, 1);
    expect(experiment.deployments[0]?.slo.alone).toMatchObject({ ttftTimes: 5, tbtTimes: 4 });
    expect(runExperiment(experiment).deployments[0]?.outcome.done).toBeGreaterThan(40);
    const mixed = { ...alone, ttft_ms: 3 };
    const refused = checkExperiment({
      ...base,
      deployments: [{ ...small.deployments[0], slo: mixed }],
    });
    expect(refused).toMatchObject({ problems: [{ path: 'deployments[0].slo.ttft_ms' }] });
  });
});
