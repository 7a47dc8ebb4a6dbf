import { type InstanceCounts, instanceCounts } from '@isotherm/colocated';
import { type RouterSettings, routerSettings } from '@isotherm/router';
import { type Schema, text } from '@isotherm/runtime';
import { type StageSettings, stageSettings } from '@isotherm/stage';
import { upstreamOwnSettings, type UpstreamOwnSettings } from '@isotherm/upstream';

/**
 * The settings of a router and of a stage under their usual names, and how many instances to host.
 */
export type EmbeddedSettings = StageSettings &
  RouterSettings &
  UpstreamOwnSettings &
  InstanceCounts;

export const embeddedSettings: Schema<EmbeddedSettings> = {
  ...stageSettings,
  ...routerSettings,
  ...upstreamOwnSettings,
  upstreamUrl: text({
    env: 'ISOTHERM_UPSTREAM_URL',
    about: 'server of the engine upstream, http://host:port/v1',
    fallback: '',
  }),
  redisUrl: text({ env: 'REDIS_URL', about: 'not used: lanes are in memory', fallback: '' }),
  ...instanceCounts(1),
};
