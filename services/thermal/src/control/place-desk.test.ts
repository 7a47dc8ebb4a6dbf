import { describe, expect, it } from '@jest/globals';
import { openLoopRoom } from '../testing/loop-room.ts';

const asked = { stage: 'prefill', gpus: 8, tenant: '', peakW: 0, count: 2 };

describe('the place desk', () => {
  it('says why there is no place, and counts it', async () => {
    // Each server that is ours has an instance on all of its GPUs.
    const { keeper, run } = openLoopRoom();
    run(2);
    const { places, notes } = keeper.places.plan(asked, keeper.latest(), true);
    expect(places).toEqual(['', '']);
    expect(notes[0]?.text).toMatch(/^No server fits: \d+ by [a-z-]+/);
    expect(keeper.places.refused).toBe(2);
    expect(await keeper.metrics.registry.metrics()).toContain(
      'isotherm_thermal_places_refused_total 2',
    );
    await keeper.close();
  });

  it('answers a question without counting it as refused', async () => {
    const { keeper, run } = openLoopRoom();
    run(2);
    expect(keeper.places.plan(asked, keeper.latest(), false).places).toEqual(['', '']);
    expect(keeper.places.refused).toBe(0);
    await keeper.close();
  });

  it('counts nothing where there is one', async () => {
    const { keeper, run } = openLoopRoom({ servers: (id) => id === 'r1-k1-s1', load: 0.2 });
    run(2);
    const { places } = keeper.places.plan({ ...asked, count: 1 }, keeper.latest(), false);
    expect(places).toEqual([expect.stringMatching(/^r\d-k1-s\d\/0/)]);
    expect(keeper.places.refused).toBe(0);
    await keeper.close();
  });
});
