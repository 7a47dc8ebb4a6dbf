import type { ProfileOptions } from '@isotherm/engine';

/** Settings of a stack whose engines take given times, under keys of its own in Redis. */
export const profileSettings = (
  name: string,
  profile: ProfileOptions,
): Readonly<Record<string, string>> => ({
  ISOTHERM_PREFIX: `bench-${name}-${process.pid}`,
  ISOTHERM_ENGINE: 'profile',
  ISOTHERM_PROFILE: JSON.stringify(profile),
});
