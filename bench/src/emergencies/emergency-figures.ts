import { round } from '../report/percentiles.ts';
import type { Figures } from '../report/result.ts';
import type { EmergencyArm } from './kinds.ts';
import type { EmergencyResult } from './run-emergency.ts';

type Measured = Omit<EmergencyResult, 'samples'>;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Over all emergencies: sums, means and least of shares, the worst of the rest, and the longest recovery (null where one did not
 * come). Shares of good answers are of those of the same requests undisturbed.
 */
export const emergencyFigures = (results: readonly Measured[]): Figures => {
  const of = (arm: EmergencyArm): readonly Measured[] => results.filter((one) => one.arm === arm);
  const sum = (some: readonly Measured[], value: (one: Measured) => number): number =>
    round(some.reduce((all, one) => all + value(one), 0));
  const undisturbed = results.find(({ arm }) => arm === 'undisturbed')?.goodputShare ?? 1;
  const byArm = (arm: EmergencyArm): Figures => {
    const own = of(arm);
    const recoveryS = Math.max(...own.map((one) => one.recoveryS));
    return {
      [`shutdowns_${arm}`]: sum(own, ({ shutDowns }) => shutDowns),
      [`breakers_tripped_${arm}`]: sum(own, ({ breakersTripped }) => breakersTripped),
      [`opaque_capped_server_s_${arm}`]: sum(own, (one) => one.opaqueSlowedServerS),
      [`opaque_lost_wh_${arm}`]: sum(own, ({ opaqueLostWh }) => opaqueLostWh),
      [`shutdown_margin_k_${arm}`]: Math.min(...own.map((one) => one.shutdownMarginK)),
      [`overload_s_${arm}`]: Math.max(...own.map((one) => one.overloadS)),
      [`goodput_share_${arm}`]: round(mean(own.map((one) => one.goodputShare / undisturbed))),
      [`goodput_share_min_${arm}`]: round(
        Math.min(...own.map((one) => one.goodputShare / undisturbed)),
      ),
      [arm === 'isotherm' ? 'recovery_s' : 'recovery_s_uniform']: Number.isFinite(recoveryS)
        ? recoveryS
        : null,
    };
  };
  return {
    ...{ ...byArm('isotherm'), ...byArm('uniform') },
    lost_requests: sum(results, ({ lost }) => lost),
  };
};
