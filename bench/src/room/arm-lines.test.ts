import { describe, expect, it } from '@jest/globals';
import { armLines } from './arm-lines.ts';
import { arms, leverSettings, nameOf } from './arms.ts';
import type { ArmResult } from './run-arm.ts';

describe('the arms of the room bench', () => {
  it('are every combination of levers, from none to all', () => {
    expect(arms.map(nameOf)).toEqual([
      ...['oblivious', 'place', 'route', 'place + route'],
      ...['reconfigure', 'place + reconfigure', 'route + reconfigure', 'aware'],
    ]);
    expect(leverSettings({ place: true, route: false, reconfigure: true })).toEqual({
      ISOTHERM_LEVER_PLACE: 'true',
      ISOTHERM_LEVER_ROUTE: 'false',
      ISOTHERM_LEVER_RECONFIGURE: 'true',
    });
  });

  it('are drawn as a table with a line each', () => {
    const summary = { count: 9, p50: 800, p90: 900, p99: 1234.4, max: 2000 };
    const arm: ArmResult = {
      ...{ name: 'aware', arm: { place: true, route: true, reconfigure: true }, requests: 427 },
      ...{
        cut: 2,
        expired: 4,
        lost: 0,
        failures: [],
        refused: 1,
        whole: summary,
        first: summary,
        throttleEvents: 3,
      },
      ...{ throttleEventsByCause: { thermal: 3 }, throttledShare: 0.125, coreMaxC: 81.04 },
      ...{ servingMaxC: 70, rowMaxW: 34_160, samples: [] },
    };
    const [title, line, ...more] = armLines([arm]);
    expect(more).toEqual([]);
    expect(title?.split(/ {2,}/)).toHaveLength(13);
    expect(line?.split(/ {2,}/)).toEqual([
      'aware',
      '3',
      '13 %',
      '81.0 C',
      '70.0 C',
      '34.2 kW',
      '800 ms',
      '1234 ms',
      '427',
      '1',
      '2',
      '4',
      '0',
    ]);
  });
});
