import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleRoom, type RoomPlan } from '@isotherm/plant';
import { commandBench } from '../command-under-test.ts';
import { planLines } from './plan-lines.ts';
import { readPlan } from './read-plan.ts';
import { demoRoomFile } from './topology.ts';

const plain = { style: (_: string, text: string) => text };
const example = exampleRoom({ aisles: 1, rowsPerAisle: 1, racksPerRow: 2, serversPerRack: 1 });
const first = example.rows[0] as RoomPlan['rows'][number];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isotherm-topology-'));
});
afterAll(() => rm(folder, { recursive: true }));

const fileOf = (text: string): string => {
  const path = join(folder, 'room.yaml');
  writeFileSync(path, text);
  return path;
};

describe('the drawing of a plan', () => {
  it('is a tree from the room down to its servers', () => {
    const room: RoomPlan = {
      ...{ name: 'hall', outside: { kind: 'constant', temperatureC: 31.5 } },
      cooling: { setpointC: 20 },
      aisles: [
        {
          id: 'a1',
          ahus: [
            { id: 'x', airflowM3s: 1.5 },
            { id: 'y', airflowM3s: 2 },
          ],
        },
        { id: 'a2', ahus: [{ id: 'z', airflowM3s: 1 }] },
      ],
      ups: {
        redundancy: '4N/3',
        units: [
          { id: 'u1', capacityW: 48_900 },
          { id: 'u2', capacityW: 50_000 },
        ],
      },
      rows: [
        {
          ...{ ...first, id: 'r1', aisle: 'a1', ups: 'u1', limitW: 40_000 },
          racks: [
            {
              ...{ id: 'k1', limitW: 20_000 },
              servers: [
                { id: 's1', kind: 'dgx-h100', tenant: 'adjustable', placeBiasK: 0 },
                { id: 'server2', kind: 'a40-2', tenant: 'opaque', placeBiasK: 1.5, limitW: 900 },
              ],
            },
            { id: 'k2', limitW: 20_000, servers: [] },
          ],
        },
      ],
    };
    expect(planLines(room, plain)).toEqual([
      'hall   2 servers (1 opaque), 10 GPUs   outside 31.5 C   air supplied at 20 C',
      '├─ ups 4N/3  u1 48.9 kW > r1   u2 50 kW (feeds no row)',
      '├─ aisle a1  3.5 m3/s: x 1.5, y 2',
      '│  └─ row r1  ups u1  limit 40 kW',
      '│     ├─ rack k1  limit 20 kW',
      '│     │  ├─ s1       dgx-h100  adjustable  8 GPUs',
      '│     │  └─ server2  a40-2     opaque      2 GPUs  +1.5 K  limit 0.9 kW',
      '│     └─ rack k2  limit 20 kW',
      '└─ aisle a2  1 m3/s: z 1',
    ]);
  });

  it.each<[RoomPlan['outside'], string]>([
    [{ kind: 'epw', file: 'phx.epw', startHour: 4000 }, 'outside by phx.epw from hour 4000'],
    [
      {
        kind: 'steps',
        points: [
          { atS: 0, temperatureC: 20 },
          { atS: 9, temperatureC: -3 },
        ],
      },
      'outside -3 to 20 C in 2 points',
    ],
  ])('says what the weather is: %j', (outside, text) => {
    expect(planLines({ ...example, outside }, plain)[0]).toContain(text);
  });
});

describe('the plan of a file', () => {
  it('is the demo room where none is named', async () => {
    const read = await readPlan(demoRoomFile);
    expect(read.kind === 'ok' && planLines(read.plan, plain)[0]).toMatch(
      /^demo {3}24 servers \(8 opaque\), 192 GPUs/,
    );
  });

  it('is refused where the weather file that it names is not there', async () => {
    const plan = JSON.stringify({
      ...{ name: 'x', outside: { kind: 'epw', file: 'none.epw' }, cooling: { setpoint_c: 20 } },
      aisles: [{ id: 'a', ahus: [{ id: 'h', airflow_m3s: 1 }] }],
      ups: { redundancy: 'N', units: [{ id: 'u', capacity_w: 9000 }] },
      rows: [{ id: 'r', aisle: 'a', ups: 'u', limit_w: 9000, racks: rackText }],
    });
    expect(await readPlan(fileOf(plan))).toEqual({
      kind: 'refused',
      problems: [{ path: 'outside.file', message: expect.stringMatching(/none\.epw: .*ENOENT/) }],
    });
  });
});

const rackText = [
  { id: 'k', limit_w: 9000, servers: [{ id: 's', kind: 'a40-2', tenant: 'opaque' }] },
];

describe('isotherm topology', () => {
  const bench = commandBench();
  afterAll(() => bench.remove());

  it('draws, and writes JSON', async () => {
    const drawn = bench.run('topology', demoRoomFile);
    expect([await drawn.exit, drawn.stderr()]).toEqual([0, '']);
    expect(drawn.stdout()).toMatch(/└─ aisle a2[^]*└─ r4-k2-s3 /);
    const json = bench.run('topology', '--json');
    expect(await json.exit).toBe(0);
    expect(JSON.parse(json.stdout())).toMatchObject({
      ...{ name: 'demo', outside: { kind: 'constant', temperature_c: 22 } },
      ups: { redundancy: '4N/3', units: [{ id: 'u1', capacity_w: 48_900 }, {}, {}, {}] },
    });
  }, 20_000);

  it('says every problem with its place, and fails', async () => {
    const rows = '[{ id: r1, aisle: a9, ups: u1, limit_w: 1, racks: [] }]';
    const file = fileOf(`name: x\nroof: 1\naisles: []\nrows: ${rows}`);
    const refused = bench.run('topology', file);
    expect([await refused.exit, refused.stdout()]).toEqual([1, '']);
    for (const where of ['roof', 'outside', 'cooling', 'ups', 'aisles', 'rows[0].limit_w']) {
      expect(refused.stderr()).toContain(`${where}: `);
    }
    expect(refused.stderr()).toMatch(/rows\[0\]\.aisle: names a9, which the plan does not have/);
    expect(refused.stderr()).toMatch(/isotherm: .*room\.yaml has \d+ problems/);
    const json = bench.run('topology', file, '--json');
    expect(await json.exit).toBe(1);
    const { problems } = JSON.parse(json.stdout()) as { problems: { path: string }[] };
    expect(problems.map(({ path }) => path)).toContain('rows[0].aisle');
  }, 20_000);

  it.each([
    ['contains itself', 'name: x\naisles: &a [*a]', /aisles.*: contains itself/],
    ['is no YAML', 'name: [', /^isotherm: .*room\.yaml: /],
    ['is a list', '- 1', /the plan: must be an object/],
  ])('refuses a file that %s', async (_, text, message) => {
    const refused = bench.run('topology', fileOf(text));
    expect(await refused.exit).toBe(1);
    expect(refused.stderr()).toMatch(message);
  });

  it('says which file is not there', async () => {
    const none = bench.run('topology', join(folder, 'none.yaml'));
    expect([await none.exit, none.stderr()]).toEqual([
      1,
      expect.stringMatching(/^isotherm: .*none\.yaml: ENOENT/),
    ]);
  });
});
