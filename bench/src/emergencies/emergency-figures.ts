import { round } from '../report/percentiles.ts';
import type { Figures } from '../report/result.ts';
import type { EmergencyArm } from './kinds.ts';
import type { EmergencyResult } from './run-emergency.ts';

type Measured = Omit<EmergencyResult, 'samples'>;

/** Over all emergencies: sums, means of shares, and the longest recovery (null where one did not come). */
export const emergencyFigures = (results: readonly Measured[]): Figures => {
  const of = (arm: EmergencyArm): readonly Measured[] => results.filter((one) => one.arm === arm);
  const sum = (some: readonly Measured[], value: (one: Measured) => number): number =>
    round(some.reduce((all, one) => all + value(one), 0));
  const byArm = (arm: EmergencyArm): Figures => {
    const own = of(arm);
    const recoveryS = Math.max(...own.map((one) => one.recoveryS));
    return {
      [`shutdowns_${arm}`]: sum(own, ({ shutDowns }) => shutDowns),
      [`breakers_tripped_${arm}`]: sum(own, ({ breakersTripped }) => breakersTripped),
      [`opaque_capped_server_s_${arm}`]: sum(own, (one) => one.opaqueSlowedServerS),
      [`opaque_lost_wh_${arm}`]: sum(own, ({ opaqueLostWh }) => opaqueLostWh),
      [`goodput_share_${arm}`]: round(sum(own, (one) => one.goodputShare) / own.length),
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
