import type { TopLevelSpec } from 'vega-lite';
import { percentile } from '../report/percentiles.ts';
import { gapsOf } from './compare.ts';
import type { TimedAnswer } from './replay.ts';

/** A load, as both saw it. */
export interface PlottedLoad {
  readonly name: string;
  readonly answers: readonly TimedAnswer[];
  readonly simulatedAnswers: readonly TimedAnswer[];
}

const points = 200;

const curveOf = (values: readonly number[], facts: Readonly<Record<string, string>>) =>
  Array.from({ length: points }, (_, index) => {
    const share = (index + 0.5) / points;
    return { ...facts, share, ms: Math.round(10 * percentile(values, share)) / 10 };
  });

/** Shares of requests that were at most so long, live and simulated. */
export const cdfPlot = (
  loads: readonly PlottedLoad[],
  of: 'first token' | 'each further token',
): TopLevelSpec => {
  const valuesOf = (answers: readonly TimedAnswer[]): readonly number[] =>
    of === 'first token' ? answers.map(({ ttftMs }) => ttftMs) : gapsOf(answers);
  const values = loads.flatMap(({ name, answers, simulatedAnswers }) => {
    const load = name === 'saturated' ? name : `${name} % load`;
    return [
      ...curveOf(valuesOf(answers), { load, run: 'live' }),
      ...curveOf(valuesOf(simulatedAnswers), { load, run: 'simulated' }),
    ];
  });
  return {
    title: { text: `Time to ${of}, live and simulated`, fontSize: 14 },
    ...{ width: 640, height: 320, data: { values } },
    mark: { type: 'line', strokeWidth: 1.5 },
    encoding: {
      x: {
        ...{ field: 'ms', type: 'quantitative', title: `${of} (ms)` },
        scale: { type: 'log', nice: false },
      },
      y: { field: 'share', type: 'quantitative', title: 'share of requests' },
      color: { field: 'load', type: 'nominal', title: '' },
      strokeDash: { field: 'run', type: 'nominal', title: '' },
    },
    config: { view: { stroke: null }, background: 'white' },
  };
};
