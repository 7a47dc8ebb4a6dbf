import type { Figures } from '../report/result.ts';
import type { SimulatedRow } from './simulated.ts';

/** Figures of one arm against another, as the paper gives its own: negative is less. */
export const changeOf = (
  rows: readonly SimulatedRow[],
  arm: string,
  base: string,
  field: string,
): number | null => {
  const [value, before] = [fieldOf(rows, arm, field), fieldOf(rows, base, field)];
  if (value === undefined || before === undefined || !(before > 0)) return null;
  return rounded(value / before - 1);
};

/** The first deployment's row of an arm has the room's figures too. */
export const fieldOf = (
  rows: readonly SimulatedRow[],
  arm: string,
  field: string,
): number | undefined => {
  const value = rows.find((row) => row['arm'] === arm)?.[field];
  return typeof value === 'number' ? value : undefined;
};

const rounded = (value: number): number => Number(value.toPrecision(4));

/** Arms that headline figures are taken from, by the ending of their names: the three levers as the paper has them, and with more. */
const armsOf = [
  ['', 'all'],
  ['_stages', 'stages'],
  ['_stages_trend', 'stages-trend'],
] as const;

/**
 * The figures of `npm run bench -- tapas`. Power: all levers against none, where power and air are oversubscribed alike. Heat: where
 * only air is. The 99th percentile: all levers, oversubscribed, against none without oversubscription.
 */
export const tapasFigures = (rows: readonly SimulatedRow[]): Figures => {
  const calmP99 = fieldOf(rows, 'not-oversubscribed', 'ttft_p99_ms');
  const heat = (field: string) => changeOf(rows, 'cooling-all', 'cooling-oblivious', field);
  const ofPower = ([suffix, arm]: (typeof armsOf)[number]): Figures => {
    const p99 = fieldOf(rows, arm, 'ttft_p99_ms');
    return {
      [`peak_row_power_change${suffix}`]: changeOf(rows, arm, 'oblivious', 'row_power_max_w'),
      [`power_throttle_change${suffix}`]: changeOf(rows, arm, 'oblivious', 'power_events'),
      [`capped_time_share_at_40${suffix}`]: fieldOf(rows, arm, 'power_time_share') ?? null,
      [`p99_ratio${suffix}`]:
        p99 === undefined || calmP99 === undefined ? null : rounded(p99 / calmP99),
      [`max_temperature_change_power_bound${suffix}`]: changeOf(
        ...([rows, arm, 'oblivious', 'core_max_c'] as const),
      ),
    };
  };
  return {
    max_temperature_change: heat('core_max_c'),
    thermal_throttle_change: heat('thermal_events'),
    heat_shut_downs_oblivious: fieldOf(rows, 'cooling-oblivious', 'shut_downs') ?? null,
    heat_shut_downs_all: fieldOf(rows, 'cooling-all', 'shut_downs') ?? null,
    ...Object.assign({}, ...armsOf.map(ofPower)),
  };
};
