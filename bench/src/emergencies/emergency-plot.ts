import { gpuClasses } from '@isotherm/plant';
import type { TopLevelSpec } from 'vega-lite';
import type { EmergencyResult } from './run-emergency.ts';

type Row = Extract<TopLevelSpec, { readonly hconcat: unknown }>['hconcat'][number];
type Shown = Pick<EmergencyResult, 'emergency' | 'arm' | 'samples' | 'timeScale'>;

/** One figure over time, and what it must not pass. */
interface Panel {
  readonly field: string;
  readonly title: readonly string[];
  readonly domain: readonly [number, number];
  readonly limit: number | undefined;
}

const panels: readonly Panel[] = [
  {
    ...{ field: 'celsius', title: ['hottest core', '(°C)'], domain: [60, 100] },
    limit: gpuClasses['h100-sxm'].limits.shutdownC,
  },
  {
    ...{ field: 'load', title: ['fullest row', 'or UPS (%)'], domain: [50, 120] },
    limit: 100,
  },
  { field: 'slowed', title: ['opaque servers', 'slowed'], domain: [0, 8], limit: undefined },
];

/** Each kind of emergency in a column, each arm a line: heat and power against their limits, and what others lose for it. */
export const emergencyPlot = (results: readonly Shown[], calmMs: number): TopLevelSpec => {
  const disturbed = results.filter(({ arm }) => arm !== 'undisturbed');
  const names = [...new Set(disturbed.map(({ emergency }) => emergency))];
  return {
    title: { text: 'Emergencies: ours gives first, or all are capped alike', fontSize: 14 },
    hconcat: names.map((name, at): Row => {
      const values = disturbed.filter(({ emergency }) => emergency === name).flatMap(pointsOf);
      return {
        title: { text: name, fontSize: 12 },
        vconcat: panels.map(({ field, title, domain, limit }) => ({
          bounds: 'flush' as const,
          ...{ width: 170, height: 110 },
          layer: [
            ...(limit === undefined ? [] : [rule('y', limit, domain)]),
            rule('x', calmMs / 1000),
            {
              data: { values },
              mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.5 },
              encoding: {
                x: { field: 'seconds', type: 'quantitative', title: 'time (s)' },
                y: {
                  field,
                  type: 'quantitative',
                  title: at === 0 ? [...title] : null,
                  scale: { domain: [...domain] },
                },
                color: { field: 'who gives', type: 'nominal' },
              },
            },
          ],
        })),
      };
    }),
    config: { view: { stroke: null }, background: 'white' },
  };
};

const pointsOf = ({ arm, samples, timeScale }: Shown) =>
  samples.map(({ plantS, coreMaxC, loadShare, opaqueSlowed: slowed }) => ({
    ...{ 'who gives': arm, slowed, load: Math.round(loadShare * 1000) / 10 },
    celsius: Math.round(coreMaxC * 10) / 10,
    seconds: Math.round((10 * (plantS - (samples[0]?.plantS ?? 0))) / timeScale) / 10,
  }));

/** A dashed line: a limit, or when it begins. */
const rule = (axis: 'x' | 'y', at: number, domain?: readonly [number, number]) => ({
  data: { values: [{ at }] },
  mark: { type: 'rule' as const, strokeDash: [4, 4], color: '#888' },
  encoding: {
    [axis]: {
      ...{ field: 'at', type: 'quantitative' as const },
      ...(domain !== undefined && { scale: { domain: [...domain] } }),
    },
  },
});
