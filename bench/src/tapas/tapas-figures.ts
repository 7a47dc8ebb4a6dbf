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

/** Which arms the headline figures are taken from. `paper`: the three levers as the paper has them; `ours`: with what we add. */
const armsOf = {
  paper: { all: 'all', cooling: 'cooling-all' },
  ours: { all: 'stages-trend', cooling: 'cooling-all' },
} as const;

/**
 * The figures of `npm run bench -- tapas`. Power: all levers against none, where power and air are oversubscribed alike. Heat: where
 * only air is. The 99th percentile: all levers, oversubscribed, against none without oversubscription.
 */
export const tapasFigures = (rows: readonly SimulatedRow[]): Figures => {
  const of = (which: keyof typeof armsOf, suffix: string): Figures => {
    const { all, cooling } = armsOf[which];
    const p99 = fieldOf(rows, all, 'ttft_p99_ms');
    const calmP99 = fieldOf(rows, 'not-oversubscribed', 'ttft_p99_ms');
    return {
      [`max_temperature_change${suffix}`]: changeOf(
        ...([rows, cooling, 'cooling-oblivious', 'core_max_c'] as const),
      ),
      [`peak_row_power_change${suffix}`]: changeOf(rows, all, 'oblivious', 'row_power_max_w'),
      [`thermal_throttle_change${suffix}`]: changeOf(
        ...([rows, cooling, 'cooling-oblivious', 'thermal_events'] as const),
      ),
      [`power_throttle_change${suffix}`]: changeOf(rows, all, 'oblivious', 'power_events'),
      [`capped_time_share_at_40${suffix}`]: fieldOf(rows, all, 'power_time_share') ?? null,
      [`p99_ratio${suffix}`]:
        p99 === undefined || calmP99 === undefined ? null : rounded(p99 / calmP99),
    };
  };
  return {
    ...of('paper', ''),
    ...of('ours', '_ours'),
    max_temperature_change_power_bound: changeOf(rows, 'all', 'oblivious', 'core_max_c'),
  };
};
