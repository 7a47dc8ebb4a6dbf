import type { TopLevelSpec } from 'vega-lite';
import type { HeldOutError } from './power-fit.ts';
import { meanError, type Prediction, type RiseCurve } from './temperature-fit.ts';

const white = { view: { stroke: null }, background: 'white' } as const;
/** So that a file stays light. */
const pointsMax = 400;
const colours = { measured: '#b0b7c3', curve: '#c0392b' } as const;

/** Every so manyth, at most `pointsMax` of them. */
const thinned = <T>(items: readonly T[]): readonly T[] => {
  const every = Math.max(1, Math.ceil(items.length / pointsMax));
  return items.filter((_, index) => index % every === 0);
};

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Held-out hours, the fitted curve over them, and what each way of predicting is off by. */
export const temperaturePlot = (
  title: string,
  predictions: readonly Prediction[],
  { baseC, rise }: RiseCurve,
): TopLevelSpec => {
  const errors = [
    ['mean of the months before', 'trainMeanC'],
    ['mean of the last month', 'lastMonthMeanC'],
    ['the hour before', 'lastHourC'],
    ['fit on earlier months', 'modelC'],
    ['the same, followed online', 'onlineC'],
  ] as const;
  const kinds = [
    ['all hours', () => true],
    ['power changed by > 50 W', ({ isChange }: Prediction) => isChange],
  ] as const;
  const powerAxis = { field: 'powerW', type: 'quantitative', title: 'power (W)' } as const;
  const temperatureAxis = {
    field: 'celsius',
    type: 'quantitative',
    title: 'GPU temperature (°C)',
    scale: { zero: false },
  } as const;
  return {
    title: { text: title, fontSize: 14 },
    hconcat: [
      {
        ...{
          width: 340,
          height: 260,
          title: 'held-out hours (means of its GPUs), curve of one GPU',
        },
        layer: [
          {
            data: {
              values: thinned(predictions).map(({ hour }) => ({
                powerW: rounded(hour.powerW),
                celsius: rounded(hour.temperatureC),
              })),
            },
            mark: { type: 'circle', size: 9, opacity: 0.6, color: colours.measured },
            encoding: { x: powerAxis, y: temperatureAxis },
          },
          {
            data: {
              values: rise.map(({ powerW, riseK }) => ({
                powerW,
                celsius: rounded(baseC + riseK),
              })),
            },
            mark: { type: 'line', color: colours.curve, strokeWidth: 2 },
            encoding: { x: powerAxis, y: temperatureAxis },
          },
        ],
      },
      {
        ...{ width: 300, title: 'mean absolute error (K)' },
        data: {
          values: kinds.flatMap(([hours, chosen]) =>
            errors.map(([how, which]) => ({
              ...{ hours, how, kelvin: rounded(meanError(predictions, which, chosen)) },
            })),
          ),
        },
        facet: { row: { field: 'hours', type: 'nominal', title: null } },
        spec: {
          width: 260,
          layer: [
            { mark: { type: 'bar', color: '#5b7fb4' } },
            {
              mark: { type: 'text', align: 'left', dx: 3 },
              encoding: { text: { field: 'kelvin' } },
            },
          ],
          encoding: {
            y: {
              field: 'how',
              type: 'nominal',
              title: null,
              sort: null,
              axis: { labelLimit: 220 },
            },
            x: { field: 'kelvin', type: 'quantitative', title: 'K' },
          },
        },
      } as never,
    ],
    config: white,
  };
};

/** Errors family by family, beside those of the naive way. Single configurations are not ours to show. */
export const powerPlot = (title: string, error: HeldOutError): TopLevelSpec => ({
  title: { text: title, fontSize: 14 },
  width: 320,
  data: {
    values: Object.entries(error.byGroup).flatMap(([family, one]) => [
      { family, how: 'fit without the family', share: rounded(100 * one.errorShare) },
      { family, how: 'mean of the others', share: rounded(100 * one.naiveErrorShare) },
    ]),
  },
  mark: 'bar',
  encoding: {
    y: { field: 'family', type: 'nominal', title: null },
    yOffset: { field: 'how' },
    x: { field: 'share', type: 'quantitative', title: 'mean |error| (% of measured power)' },
    color: {
      ...{ field: 'how', type: 'nominal', title: null, legend: { labelLimit: 220 } },
      scale: {
        domain: ['fit without the family', 'mean of the others'],
        range: ['#5b7fb4', '#d0d4db'],
      },
    },
  },
  config: white,
});
