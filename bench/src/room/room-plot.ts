import type { TopLevelSpec } from 'vega-lite';
import type { ArmResult } from './run-arm.ts';

type Panel = Extract<TopLevelSpec, { readonly vconcat: unknown }>['vconcat'][number];

/** Hottest core and slowed GPUs over plant time, an arm a line; from the dashed line on everything goes wrong. */
export const roomPlot = (
  arms: readonly Pick<ArmResult, 'name' | 'samples'>[],
  hotAtS: number,
): TopLevelSpec => {
  const values = arms.flatMap(({ name, samples }) => {
    const startS = samples[0]?.plantS ?? 0;
    return samples.map(({ plantS, coreMaxC, rowMaxW, throttledGpus }) => ({
      ...{ levers: name, seconds: Math.round(plantS - startS), throttled: throttledGpus },
      ...{ celsius: Math.round(coreMaxC * 10) / 10, kilowatts: Math.round(rowMaxW / 100) / 10 },
    }));
  });
  const x = { field: 'seconds', type: 'quantitative', title: 'plant time (s)' } as const;
  const color = { field: 'levers', type: 'nominal', title: 'levers' } as const;
  const panel = (field: string, title: string): Panel => ({
    ...{ width: 640, height: 150 },
    layer: [
      {
        data: { values: [{ seconds: hotAtS }] },
        mark: { type: 'rule', strokeDash: [4, 4], color: '#888' },
        encoding: { x },
      },
      {
        data: { values },
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.5 },
        encoding: {
          ...{ x, color },
          y: { field, type: 'quantitative', title, scale: { zero: false } },
        },
      },
    ],
  });
  return {
    title: { text: 'A heat wave, and half of one aisle without cooling', fontSize: 14 },
    vconcat: [
      panel('celsius', 'hottest core (°C)'),
      panel('throttled', 'GPUs slowed or shut down'),
      panel('kilowatts', 'busiest row (kW)'),
    ],
    config: { view: { stroke: null }, background: 'white' },
  };
};
