import { Counter, Gauge, type Registry } from 'prom-client';

/** Labels of one value, by name. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Adds a metric whose values are read when somebody asks for them; `fill` puts one for each set of labels that there is. */
export type AddMetric = (
  name: string,
  help: string,
  labelNames: readonly string[],
  fill: (put: (value: number, labels: MetricLabels) => void) => void,
) => void;

/** Metrics that nothing is worked out for in between, as what they tell is held elsewhere. */
export interface ReadMetrics {
  readonly gauge: AddMetric;
  /** `fill` puts totals since the start, not differences. */
  readonly counter: AddMetric;
}

export const readMetrics = (registry: Registry): ReadMetrics => {
  const registers = [registry];
  return {
    gauge: (name, help, labelNames, fill) => {
      const made = new Gauge({
        ...{ name, help, labelNames, registers },
        collect: () => {
          made.reset();
          fill((value, labels) => made.set(labels, value));
        },
      });
    },
    counter: (name, help, labelNames, fill) => {
      const made = new Counter({
        ...{ name, help, labelNames, registers },
        collect: () => {
          made.reset();
          fill((value, labels) => made.inc(labels, value));
        },
      });
    },
  };
};
