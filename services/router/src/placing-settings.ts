import {
  type BreakerSettings,
  type ColocateSettings,
  headroomAgingDefaults,
  type HedgeSettings,
  type RetrySettings,
} from '@isotherm/policy';
import { flag, integer, type Schema } from '@isotherm/runtime';

/** How work is placed and tried again; every bound has its unit in its name. */
export interface PlacingSettings
  extends BreakerSettings, ColocateSettings, HedgeSettings, RetrySettings {
  readonly loadFreshMs: number;
  readonly loadHalfLifeMs: number;
  readonly leverRoute: boolean;
  readonly headroomFreshMs: number;
  readonly headroomForgetMs: number;
  readonly headroomConservativePercent: number;
}

export const placingSettings: Schema<PlacingSettings> = {
  retryBackoffMs: integer({
    env: 'ISOTHERM_RETRY_BACKOFF_MS',
    about: 'longest pause before a second attempt, doubled with each later one, in milliseconds',
    fallback: 10,
    min: 0,
    max: 60_000,
  }),
  retryBackoffMsMax: integer({
    env: 'ISOTHERM_RETRY_BACKOFF_MS_MAX',
    about: 'longest pause between two attempts, in milliseconds',
    fallback: 1000,
    min: 0,
    max: 600_000,
  }),
  breakerFailuresMax: integer({
    env: 'ISOTHERM_BREAKER_FAILURES_MAX',
    about:
      'failures in a row that open the circuit breaker of an instance; 0 switches breakers off',
    fallback: 5,
    min: 0,
    max: 10_000,
  }),
  breakerWindowMs: integer({
    env: 'ISOTHERM_BREAKER_WINDOW_MS',
    about: 'failures further apart than this do not add up, in milliseconds',
    fallback: 30_000,
    min: 1,
    max: 3_600_000,
  }),
  breakerOpenMs: integer({
    env: 'ISOTHERM_BREAKER_OPEN_MS',
    about: 'how long an open breaker keeps work away at first, in milliseconds',
    fallback: 2000,
    min: 1,
    max: 3_600_000,
  }),
  breakerOpenMsMax: integer({
    env: 'ISOTHERM_BREAKER_OPEN_MS_MAX',
    about: 'how long it does at most, when what tries the instance fails again, in milliseconds',
    fallback: 30_000,
    min: 1,
    max: 3_600_000,
  }),
  breakerProbesMax: integer({
    env: 'ISOTHERM_BREAKER_PROBES_MAX',
    about: 'most jobs at once that try whether an instance works again',
    fallback: 2,
    min: 1,
    max: 1024,
  }),
  colocateTokensMax: integer({
    env: 'ISOTHERM_COLOCATE_TOKENS_MAX',
    about: 'requests of at most so many media tokens are encoded beside prefill; 0 for none',
    fallback: 256,
    min: 0,
    max: 1 << 20,
  }),
  colocateMediaMax: integer({
    env: 'ISOTHERM_COLOCATE_MEDIA_MAX',
    about: 'requests of at most so many media are encoded beside prefill, where a process has both',
    fallback: 2,
    min: 1,
    max: 1024,
  }),
  hedgeEncodeAfterMs: integer({
    env: 'ISOTHERM_HEDGE_ENCODE_AFTER_MS',
    about:
      'a medium not encoded after this goes to a second encoder too, in milliseconds; 0: never',
    fallback: 0,
    min: 0,
    max: 600_000,
  }),
  hedgeEncodePercentile: integer({
    env: 'ISOTHERM_HEDGE_ENCODE_PERCENTILE',
    about: 'the same after this percentile of the last encode times, in percent; 0: never',
    fallback: 0,
    min: 0,
    max: 99,
  }),
  hedgeEncodePercentMax: integer({
    env: 'ISOTHERM_HEDGE_ENCODE_PERCENT_MAX',
    about: 'most media that are given to a second encoder, in percent of all',
    fallback: 5,
    min: 0,
    max: 100,
  }),
  loadFreshMs: integer({
    env: 'ISOTHERM_LOAD_FRESH_MS',
    about: 'a load that was reported longer ago than this begins to fade, in milliseconds',
    fallback: 1500,
    min: 1,
    max: 3_600_000,
  }),
  loadHalfLifeMs: integer({
    env: 'ISOTHERM_LOAD_HALF_LIFE_MS',
    about: 'time in which a fading load halves, in milliseconds',
    fallback: 1000,
    min: 1,
    max: 3_600_000,
  }),
  leverRoute: flag({
    env: 'ISOTHERM_LEVER_ROUTE',
    about: 'route by thermal headroom, where a thermal service knows it',
    fallback: true,
  }),
  headroomFreshMs: integer({
    env: 'ISOTHERM_HEADROOM_FRESH_MS',
    about: 'headroom that was said longer ago than this is not believed any more, in milliseconds',
    fallback: headroomAgingDefaults.headroomFreshMs,
    min: 1,
    max: 3_600_000,
  }),
  headroomForgetMs: integer({
    env: 'ISOTHERM_HEADROOM_FORGET_MS',
    about: 'headroom that was said longer ago than this counts as unknown, in milliseconds',
    fallback: headroomAgingDefaults.headroomForgetMs,
    min: 1,
    max: 86_400_000,
  }),
  headroomConservativePercent: integer({
    env: 'ISOTHERM_HEADROOM_CONSERVATIVE_PERCENT',
    about: 'headroom that is assumed at most where it is not believed, in percent',
    fallback: Math.round(100 * headroomAgingDefaults.headroomConservativeShare),
    min: 0,
    max: 100,
  }),
};
