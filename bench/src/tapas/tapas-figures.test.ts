import { describe, expect, it } from '@jest/globals';
import { changeOf, tapasFigures } from './tapas-figures.ts';

const row = (arm: string, power: number, heat: number) => ({
  ...{ arm, core_max_c: heat, row_power_max_w: power, power_events: power, thermal_events: heat },
  ...{ power_time_share: power / 1e4, ttft_p99_ms: 10 * power },
});
const rows = [
  row('not-oversubscribed', 50, 60),
  row('oblivious', 100, 80),
  row('all', 75, 72),
  row('cooling-oblivious', 60, 90),
  row('cooling-all', 60, 72),
];

describe('the figures of TAPAS', () => {
  it('are changes against the arm without levers, and of heat where only air is oversubscribed', () => {
    expect(tapasFigures(rows)).toMatchObject({
      ...{ peak_row_power_change: -0.25, power_throttle_change: -0.25, p99_ratio: 1.5 },
      ...{ max_temperature_change: -0.2, thermal_throttle_change: -0.2 },
      ...{ capped_time_share_at_40: 0.0075, max_temperature_change_power_bound: -0.1 },
    });
  });

  it('are nothing where an arm is not there, or nothing happened without levers', () => {
    expect(tapasFigures(rows)).toMatchObject({ peak_row_power_change_stages: null });
    expect(changeOf([row('a', 0, 0), row('b', 1, 1)], 'b', 'a', 'power_events')).toBeNull();
  });
});
