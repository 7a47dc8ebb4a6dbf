import { spawnSync } from 'node:child_process';
import { arch, availableParallelism, loadavg } from 'node:os';
import { repositoryRoot } from './repository.ts';

/** Where and when a measurement was made; says nothing of whose machine it was. */
export interface Environment {
  readonly date: string;
  readonly machine: {
    readonly cores: string;
    readonly node: string;
    readonly arch: string;
    readonly platform: string;
  };
  readonly commit: string;
  /** Whether tracked files differed from the commit. */
  readonly modified: boolean;
  /** Mean number of runnable processes over 1, 5 and 15 minutes when the measurement began. */
  readonly loadAverage: readonly number[];
}

export const environment = (): Environment => ({
  date: new Date().toISOString(),
  machine: {
    cores: `${availableParallelism()} shared ${arch() === 'x64' ? 'x86-64' : arch()} cores`,
    node: process.version,
    arch: arch(),
    platform: process.platform,
  },
  commit: git('rev-parse', 'HEAD'),
  modified: git('status', '--porcelain', '--untracked-files=no') !== '',
  loadAverage: loadNow(),
});

export const loadNow = (): readonly number[] =>
  loadavg().map((load) => Math.round(load * 100) / 100);

/** Empty where git or the history is missing. */
const git = (...words: readonly string[]): string =>
  spawnSync('git', words, { cwd: repositoryRoot, encoding: 'utf8' }).stdout?.trim() ?? '';
