import { describe, expect, it } from '@jest/globals';
import type { Driven } from '../overload/drive-classes.ts';
import { emergencyLines } from './emergency-lines.ts';
import { emergencyFigures } from './emergency-figures.ts';
import { emergencyOutcome } from './emergency-outcome.ts';
import type { EmergencySample } from './emergency-sample.ts';

const times = { calmMs: 1_000, onMs: 2_000, goodMs: 500 };
const offer = { tenant: 'bench', sloClass: 'batch', perS: 1 } as const;
const answered = (atMs: number, wholeMs: number): Driven => ({
  ...{ offer, atMs, endedMs: atMs + wholeMs },
  outcome: { kind: 'answered', firstMs: 1, wholeMs, tokens: 1 },
});
const failed: Driven = {
  ...{ offer, atMs: 1_500, endedMs: 1_600, outcome: { kind: 'failed', reason: 'gone' } },
};
const sample = (plantS: number, different: Partial<EmergencySample> = {}): EmergencySample => ({
  ...{ plantS, servingMaxC: 60, coreMaxC: 70, inletMaxC: 25, rowMaxW: 1, throttledGpus: 0 },
  ...{ throttleEvents: {}, shutDownGpus: 0, dark: [], loadShare: 0.9, opaqueSlowed: 0 },
  ...{ opaqueGpuW: 4_000, ...different },
});
const run = {
  driven: [answered(500, 300), failed, answered(2_000, 450), answered(3_200, 2_000)],
  before: [sample(0), sample(10)],
  during: [
    sample(20, { loadShare: 1.1, dark: ['u1'] }),
    sample(26, { loadShare: 1.2, opaqueSlowed: 2, opaqueGpuW: 400 }),
    sample(36, { opaqueSlowed: 1, opaqueGpuW: 2_200, dark: ['u1', 'r2'] }),
  ],
  after: [sample(46), sample(56)],
  ...{ taken: 'u1', timeScale: 10 },
};

describe('what became of an emergency', () => {
  it('counts what opened, what was overloaded, and what others lost', () => {
    expect(emergencyOutcome(run, times)).toMatchObject({
      ...{ shutDowns: 0, breakersTripped: 1, overloadS: 6, loadShareMax: 1.2, tripAfterS: 125.167 },
      ...{ coreMaxC: 70, shutdownMarginK: 25 },
      // Two servers for ten seconds, one for ten.
      opaqueSlowedServerS: 30,
      opaqueLostWh: (3_600 * 10 + 1_800 * 10) / 3_600,
    });
  });

  it('counts answers that were in time, and those that never came', () => {
    expect(emergencyOutcome(run, times)).toMatchObject({ goodputShare: 0.5, lost: 1, refused: 0 });
  });

  it('is over with the last request that took long, once another did not', () => {
    expect(emergencyOutcome(run, times).recoveryS).toBeNaN();
    const over = { ...run, driven: [...run.driven, answered(3_900, 310)] };
    expect(emergencyOutcome(over, times).recoveryS).toBeCloseTo(0.2);
    const capped = { ...over, after: [sample(46, { opaqueSlowed: 1 }), sample(56)] };
    expect(emergencyOutcome(capped, times).recoveryS).toBeCloseTo(0.2);
  });

  it('is drawn, and summed up over emergencies', () => {
    const outcome = emergencyOutcome(run, times);
    const one = { ...outcome, emergency: 'UPS lost', requests: 4, timeScale: 10, samples: [] };
    const results = [
      { ...one, arm: 'isotherm' as const, recoveryS: 2 },
      { ...one, arm: 'uniform' as const },
    ];
    const [title, line] = emergencyLines(results);
    expect(title?.split(/ {2,}/)).toHaveLength(15);
    expect(line).toContain('30 server s');
    expect(emergencyFigures(results)).toMatchObject({
      ...{ shutdowns_isotherm: 0, opaque_capped_server_s_isotherm: 30, recovery_s: 2 },
      ...{ recovery_s_uniform: null, goodput_share_uniform: 0.5, lost_requests: 2 },
    });
    const calm = { ...one, arm: 'undisturbed' as const, goodputShare: 0.8 };
    expect(emergencyFigures([...results, calm])).toMatchObject({
      ...{ goodput_share_isotherm: 0.625, goodput_share_min_uniform: 0.625 },
      ...{ shutdown_margin_k_isotherm: 25, overload_s_uniform: 6 },
    });
  });
});
