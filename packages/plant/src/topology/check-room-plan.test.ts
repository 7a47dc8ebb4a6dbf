import { describe, expect, test } from '@jest/globals';
import { checkRoomPlan } from './check-room-plan.ts';

/** The smallest plan, as a YAML parser returns it. */
const smallest = () => ({
  name: 'closet',
  outside: { kind: 'constant', temperature_c: 20 },
  cooling: { setpoint_c: 20 },
  aisles: [{ id: 'a1', ahus: [{ id: 'a1-ahu1', airflow_m3s: 1 }] }],
  ups: { redundancy: 'N', units: [{ id: 'u1', capacity_w: 20_000 }] },
  rows: [
    {
      ...{ id: 'r1', aisle: 'a1', ups: 'u1', limit_w: 15_000 },
      racks: [
        {
          ...{ id: 'k1', limit_w: 15_000 },
          servers: [{ id: 's1', kind: 'dgx-h100', tenant: 'adjustable' }],
        },
      ],
    },
  ],
});

const problemsOf = (value: unknown): readonly string[] => {
  const checked = checkRoomPlan(value);
  if (checked.kind === 'ok') return [];
  return checked.problems.map(({ path, message }) => `${path}: ${message}`);
};

/** A copy with one place changed, given as keys from the root. */
const changed = (keys: readonly (string | number)[], value: unknown): unknown => {
  const root = structuredClone(smallest());
  let at = root as unknown as Record<string | number, unknown>;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[keys.at(-1) ?? ''] = value;
  return root;
};

describe('checkRoomPlan', () => {
  test('the smallest plan, with what it leaves out filled in', () => {
    const checked = checkRoomPlan(smallest());
    expect(checked).toMatchObject({
      kind: 'ok',
      plan: {
        cooling: { setpointC: 20 },
        rows: [{ limitW: 15_000, racks: [{ servers: [{ placeBiasK: 0, limitW: undefined }] }] }],
      },
    });
    expect(checked.kind === 'ok' && checked.plan.rows[0]?.breaker.length).toBeGreaterThan(2);
  });

  test.each<[string, readonly (string | number)[], unknown, RegExp]>([
    ['an unknown key', ['rows', 0, 'limitW'], 3, /^rows\[0\]\.limitW: is not known/],
    ['a number as text', ['cooling', 'setpoint_c'], '20', /^cooling\.setpoint_c: must be a number/],
    ['no number', ['cooling', 'setpoint_c'], Number.NaN, /setpoint_c: must be a number, not NaN/],
    ['kilowatts', ['rows', 0, 'limit_w'], 0.15, /^rows\[0\]\.limit_w: must be 10 to/],
    ['Fahrenheit', ['outside', 'temperature_c'], 68, /^outside\.temperature_c: must be -60 to 60/],
    [
      'an unknown kind',
      ['rows', 0, 'racks', 0, 'servers', 0, 'kind'],
      'toaster',
      /must be dgx-h100/,
    ],
    ['no tenant', ['rows', 0, 'racks', 0, 'servers', 0, 'tenant'], undefined, /not nothing/],
    ['an unknown aisle', ['rows', 0, 'aisle'], 'a9', /^rows\[0\]\.aisle: names a9/],
    ['an unknown UPS', ['rows', 0, 'ups'], 'u9', /^rows\[0\]\.ups: names u9/],
    ['no aisle', ['rows', 0, 'aisle'], undefined, /^rows\[0\]\.aisle: must be lower-case/],
    ['an id with a slash', ['aisles', 0, 'id'], 'a/1', /^aisles\[0\]\.id: must be lower-case/],
    ['no rows', ['rows'], [], /^rows: must have 1 to/],
    ['rows that are one row', ['rows'], { id: 'r1' }, /^rows: must be a list, not an object/],
    [
      'a curve that goes back',
      ['rows', 0, 'breaker'],
      backwards(),
      /^rows\[0\]\.breaker\[1\]: must/,
    ],
    ['a key of another kind', ['outside', 'points'], [], /^outside\.points: is not known/],
  ])('%s', (_, keys, value, expected) => {
    const problems = problemsOf(changed(keys, value));
    expect(problems.filter((problem) => expected.test(problem))).toHaveLength(1);
  });

  test('all problems are told together', () => {
    const plan = changed(['rows', 0, 'limit_w'], -5) as ReturnType<typeof smallest>;
    const problems = problemsOf({ ...plan, name: '', surprise: 1 });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      ...['surprise', 'name', 'rows[0].limit_w'],
    ]);
  });

  test('two servers of one id, in different racks', () => {
    const plan = smallest();
    const rack = plan.rows[0]?.racks[0];
    plan.rows[0]?.racks.push({ ...structuredClone(rack), id: 'k2' } as NonNullable<typeof rack>);
    expect(problemsOf(plan)).toEqual([
      'rows[0].racks[1].servers[0].id: s1 is already the id at rows[0].racks[0].servers[0].id',
    ]);
  });

  test('a plan that contains itself is refused, not followed', () => {
    const plan = smallest();
    const rack = plan.rows[0]?.racks[0] as unknown as Record<string, unknown>;
    rack['servers'] = [plan.rows[0]];
    expect(problemsOf(plan)).toEqual([
      'rows[0].racks[0].servers[0]: contains itself, or lies too deep',
    ]);
  });

  test('a part shared a million times over is refused in bounded time', () => {
    let value: unknown = { id: 'x' };
    for (let level = 0; level < 14; level += 1) value = Array.from({ length: 8 }, () => value);
    expect(problemsOf(value)).toHaveLength(1);
  });

  test.each([undefined, null, 3, 'room', [], new Date(0)])('%p is no plan', (value) => {
    expect(checkRoomPlan(value).kind).toBe('refused');
  });
});

function backwards(): unknown {
  return [
    { load_share: 1.2, trip_s: 60 },
    { load_share: 1.1, trip_s: 600 },
  ];
}
