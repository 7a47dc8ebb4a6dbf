import { describe, expect, it } from '@jest/globals';
import { overSeeds } from './over-seeds.ts';
import { changeOf } from './tapas-figures.ts';

const run = (seed: number, arm: string, heat: number) => ({ seed, arm, core_max_c: heat });
const figuresOf = (rows: Parameters<typeof changeOf>[0]) => ({
  change: changeOf(rows, 'all', 'none', 'core_max_c'),
  never: null,
});

describe('figures over seeds', () => {
  it('are the median of what each seed has by itself, with the least and the most', () => {
    const runs = [
      ...[run(1, 'none', 100), run(1, 'all', 90)],
      ...[run(2, 'none', 50), run(2, 'all', 40)],
      ...[run(3, 'none', 80), run(3, 'all', 78)],
    ];
    expect(overSeeds(runs, figuresOf)).toEqual({
      figures: { change: -0.1, never: null },
      spread: { change: { least: -0.2, most: -0.025, seeds: 3 } },
      bySeed: {
        1: { change: -0.1, never: null },
        2: { change: -0.2, never: null },
        3: { change: -0.025, never: null },
      },
    });
  });

  it('leave out seeds that have none', () => {
    const runs = [run(1, 'none', 0), run(1, 'all', 9), run(2, 'none', 10), run(2, 'all', 9)];
    expect(overSeeds(runs, figuresOf)).toMatchObject({
      figures: { change: -0.1 },
      spread: { change: { seeds: 1 } },
    });
  });
});
