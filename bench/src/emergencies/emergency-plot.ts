import { gpuClasses } from '@isotherm/plant';
import type { TopLevelSpec } from 'vega-lite';
import type { EmergencyResult } from './run-emergency.ts';

type Row = Extract<TopLevelSpec, { readonly hconcat: unknown }>['hconcat'][number];
type Shown = Pick<EmergencyResult, 'emergency' | 'arm' | 'samples' | 'timeScale'>;

const panels = [
  { field: 'celsius', title: 'hottest core (°C)', limit: gpuClasses['h100-sxm'].limits.shutdownC },
  { field: 'load', title: 'worst row or UPS (% of limit)', limit: 100 },
  { field: 'slowed', title: 'opaque servers slowed', limit: undefined },
] as const;

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
        vconcat: panels.map(({ field, title, limit }) => ({
          ...{ width: 170, height: 110 },
          layer: [
            ...(limit === undefined ? [] : [rule('y', limit)]),
            rule('x', calmMs / 1000),
            {
              data: { values },
              mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.5 },
              encoding: {
                x: { field: 'seconds', type: 'quantitative', title: 'time (s)' },
                y: {
                  field,
                  type: 'quantitative',
                  title: at === 0 ? title : null,
                  scale: { zero: false },
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
const rule = (axis: 'x' | 'y', at: number) => ({
  data: { values: [{ at }] },
  mark: { type: 'rule' as const, strokeDash: [4, 4], color: '#888' },
  encoding: { [axis]: { field: 'at', type: 'quantitative' as const } },
});
