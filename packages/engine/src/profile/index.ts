/** Entry `@isotherm/engine/profile`: engines that take given times, to measure everything around an engine. */
export {
  profileDecodeEngine,
  profileEncodeEngine,
  profilePrefillEngine,
} from './profile-engines.ts';
export { parseProfileOptions } from './parse-profile.ts';
export type { ProfileOptions } from './profile-options.ts';
export { createProfileTextModel, profileFacts, profileTokens } from './profile-text.ts';
export {
  chooseEntry,
  linearTime,
  optionsOfProfile,
  profiledTime,
  type StageTime,
} from './stage-time.ts';
