import { describe, expect, it } from '@jest/globals';
import { kindsAtScale, scaleFigures, whoGives } from './scale-figures.ts';

const rows = kindsAtScale.flatMap((kind, at) =>
  whoGives.map((who) => ({
    ...{ arm: `${kind}-${who}`, arrived: 100, done: who === 'hardware' ? 50 : 100 },
    ...{ slo_share: 0.9, shut_downs: at, power_time_share: 0.2 },
    opaque_capped_time_share: who === 'uniform' ? 0.5 : 0,
  })),
);

describe('figures of emergencies at scale', () => {
  it('are sums and means over the five kinds, and goodput is of all requests that came', () => {
    expect(scaleFigures(rows)).toMatchObject({
      ...{ shut_downs_isotherm: 10, goodput_share_isotherm: 0.9, goodput_share_hardware: 0.45 },
      ...{ opaque_capped_time_share_uniform: 0.5, opaque_capped_time_share_isotherm: 0 },
    });
  });

  it('are nothing where an arm is not there', () => {
    expect(scaleFigures(rows.slice(1))).toMatchObject({ shut_downs_isotherm: null });
  });
});
