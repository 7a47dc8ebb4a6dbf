import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import { stageHeadroomDefaults } from '../headroom/stage-headroom.ts';
import type { InstanceView } from './contract.ts';
import { defaultRoutePolicy } from './default-policy.ts';
import { exampleInstance, exampleRequest } from './example-instance.ts';
import { instanceChooser } from './sample/instance-chooser.ts';

const instancesPerRow = 16;
const decisions = 500;
const reserve = stageHeadroomDefaults.reserveShare.row;

/** Two rows of idle, cool instances that read what their row has left. */
const fleetOf = (shares: readonly number[]): readonly InstanceView[] =>
  shares.flatMap((share, row) =>
    Array.from({ length: instancesPerRow }, (_, each) =>
      exampleInstance(`${row}/${each}`, {
        stage: 'prefill',
        headroom: {
          ...{ coreShare: 1, memoryShare: 1, conservative: false },
          powerShare: reserve + share * (1 - reserve),
          binding: { level: 'row', id: `${row}` },
        },
      }),
    ),
  );

/** Share of the work that the first row gets between two readings of what rows have left. */
const firstShare = (shares: readonly number[], seed: number, sampleMax?: number): number => {
  const choose = instanceChooser(defaultRoutePolicy, sampleMax);
  const [views, random] = [fleetOf(shares), seededRandom(seed)];
  let first = 0;
  for (let each = 0; each < decisions; each += 1) {
    const chosen = choose(exampleRequest({ stage: 'prefill', tokens: 100 }), views, random);
    if (chosen?.id.startsWith('0/') === true) first += 1;
  }
  return first / decisions;
};

describe('headroom that many instances share', () => {
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });

  it('moves work by as much as rows differ, not all of it (property)', () => {
    fc.assert(
      fc.property(share, share, fc.nat(), (one, other, seed) => {
        // Half of what they differ by is work that leaves only the worse out; the rest goes to either.
        const expected = 0.5 + (one - other) / 4;
        // Five deviations of five hundred draws.
        expect(Math.abs(firstShare([one, other], seed) - expected)).toBeLessThan(0.112);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    { name: 'half used', work: 1, elsewhere: 0.2 },
    { name: 'about full', work: 1.9, elsewhere: 0 },
    { name: 'about full, looking at four', work: 1.9, elsewhere: 0, sampleMax: 4 },
  ])(
    'settles where rows are alike, from readings that are old: $name',
    ({ work, elsewhere, sampleMax }) => {
      // `work` is what could fill so many rows; the second is busy with somebody else's as well.
      let used = [0.7, 0.3];
      const seen: number[] = [];
      for (let period = 0; period < 25; period += 1) {
        const first = firstShare(
          used.map((load) => Math.max(0, 1 - load)),
          period,
          sampleMax,
        );
        used = [work * first, elsewhere + work * (1 - first)];
        if (period >= 5) seen.push(first);
      }
      // Where everything goes to the row that is better just now, it is all or nothing, in turn.
      expect(Math.max(...seen) - Math.min(...seen)).toBeLessThan(0.3);
      const mean = seen.reduce((sum, each) => sum + each, 0) / seen.length;
      expect(Math.abs(mean - (0.5 + elsewhere / 6))).toBeLessThan(0.05);
    },
  );
});
