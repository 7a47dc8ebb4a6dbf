import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { integer, readSettings, type Environment, type Schema } from './settings.ts';

interface PrioritySettings {
  readonly nice: number;
}

const prioritySettings: Schema<PrioritySettings> = {
  nice: integer({
    env: 'ISOTHERM_NICE',
    about:
      'how far the process steps back for others on its machine: 0 not, 19 as far as the system lets it',
    fallback: 0,
    min: 0,
    max: constants.priority.PRIORITY_LOW,
  }),
};

/**
 * Gives this process the priority that the environment asks for. Throws SettingsError. Linux keeps a priority for each thread,
 * and those that Node has started already do not follow the first one.
 */
export const takePriority = (environment: Environment): void => {
  const { nice } = readSettings(prioritySettings, environment);
  if (nice === 0) return;
  for (const thread of threadsOf(process.platform)) setPriority(thread, nice);
};

const threadsOf = (platform: string): readonly number[] =>
  platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [process.pid];
