import { describe, expect, it } from '@jest/globals';
import type { GetRoomResponse, GpuState, LevelState, ServerState } from '@isotherm/proto';
import { roomLines } from './room-lines.ts';

const gpu = (different: Partial<GpuState> = {}): GpuState => ({
  ...{ index: 0, coreC: 61.4, memoryC: 70, powerW: 400, slowdownC: 89, shutdownC: 95 },
  ...{ utilisation: 0.5, clockShare: 1, throttleReasons: 0, corePredictedC: [], shutDown: false },
  ...different,
});

const server = (id: string, row: string, different: Partial<ServerState> = {}): ServerState => ({
  ...{ id, class: 'dgx-h100', tenant: 'adjustable', inletC: 24.06, powerW: 6400, limitW: 10_200 },
  ...{ fanShare: 0.61, instanceIds: [], readingAgeS: 0, gpus: [gpu()] },
  above: [
    { kind: 'row', id: row },
    { kind: 'aisle', id: 'A' },
  ],
  ...different,
});

const level = (kind: string, id: string, different: Partial<LevelState> = {}): LevelState => ({
  ...{ level: { kind, id }, parent: null, used: 34_000, limit: 40_000, limitNominal: 40_000 },
  ...{ predicted: [34_000, 36_000, 37_000], state: 'ok', supplyC: 0 },
  ...different,
});

const room = (different: Partial<GetRoomResponse> = {}): GetRoomResponse => ({
  ...{ name: 'hall', atMs: 100_000, plantS: 3723, timeScale: 10, outsideC: 31.24, kind: 'virtual' },
  levels: [
    level('ups', 'u1', { used: 60_000, limit: 75_000, limitNominal: 100_000 }),
    level('aisle', 'A', { used: 4.25, limit: 5, limitNominal: 5, supplyC: 18.2 }),
    level('row', 'r1'),
  ],
  servers: [server('s1', 'r1')],
  ...{ emergencies: [], throttleEvents: {} },
  ...different,
});

const plain = { columns: 120, style: (_: string, text: string) => text };
/** Shows colours as words. */
const coloured = { columns: 120, style: (name: string, text: string) => `<${name}>${text}</>` };

describe('the drawing of a room', () => {
  it('goes from the top of the power down to each GPU', () => {
    const servers = [server('s1', 'r1', { instanceIds: ['decode-1'] })];
    expect(roomLines(room({ servers }), plain)).toEqual([
      'hall (virtual, 10 times as fast)   1:02:03 since the start   outside 31.2 C   throttled: never',
      '',
      'ups u1 ████████░░  80 % 60.0 of 75 kW (was 100)',
      '',
      'aisle A  █████████░  85 %  4.25 of 5 m3/s of air, supplied at 18.2 C',
      '  row r1  █████████░  85 %  34.0 of 40 kW, in a minute 36.0',
      '    s1  dgx-h100  in 24.1 C   6.40 kW  fan  61 %   61   decode-1',
    ]);
  });

  it('marks GPUs by what is left below their limit', () => {
    const gpus = [
      gpu({ coreC: 60 }),
      gpu({ coreC: 75 }),
      gpu({ coreC: 88 }),
      gpu({ coreC: 90, throttleReasons: 0x40 }),
      gpu({ coreC: 30, throttleReasons: 0x1 }),
      gpu({ shutDown: true }),
    ];
    const line = roomLines(room({ servers: [server('s1', 'r1', { gpus })] }), coloured).at(-1);
    expect(line).toContain(
      '<green> 60 </> <yellow> 75 </> <red> 88 </> <red> 90!</> <green> 30 </> <red> off</>',
    );
  });

  it('says what is lost, since when, and where more is drawn than may be', () => {
    const emergency = {
      ...{ id: 'e1', kind: 'cooling', scope: { kind: 'aisle', id: 'A' }, toShare: 0.9 },
      ...{ byK: 0, forS: 0, sinceMs: 95_000 },
    };
    const levels = [level('ups', 'u1', { used: 90_000, limit: 75_000, limitNominal: 100_000 })];
    const events = { thermal: 3, power: 1 };
    const lines = roomLines(
      room({ levels, servers: [], emergencies: [emergency], throttleEvents: events }),
      coloured,
    );
    expect(lines[0]).toContain('throttled: 3 thermal, 1 power');
    expect(lines[1]).toBe('<red>! cooling of aisle A at 90 %, since 0:05  [e1]</>');
    expect(lines.at(-1)).toContain('<red>██████████</> 120 %');
  });

  it('puts as many UPS units in a line as there is room for, and ends no line in blanks', () => {
    const levels = ['u1', 'u2', 'u3'].map((id) => level('ups', id));
    const narrow = { ...plain, columns: 80 };
    const lines = roomLines(room({ levels, servers: [] }), narrow);
    expect(lines.slice(2).map((line) => line.match(/u\d/g))).toEqual([['u1', 'u2'], ['u3']]);
    const idle = roomLines(room(), plain);
    expect(idle.filter((line) => line.endsWith(' '))).toEqual([]);
  });

  it('does not fill a bar beyond its ends, and shows a breaker that has tripped', () => {
    const levels = [
      level('ups', 'u1', { used: 1, limit: 0 }),
      level('ups', 'u2', { state: 'tripped' }),
    ];
    const [line] = roomLines(room({ levels, servers: [] }), plain).slice(-1);
    expect(line).toContain('██████████ 100 %');
    expect(line).toContain('ups u2 tripped');
  });
});
