import { readdir, readFile } from 'node:fs/promises';
import { type LocalStack, startLocalStack } from '@isotherm/stack';
import { batchMax } from './parameters.ts';

/**
 * One instance of each stage, a process each. What the simulator does not have is switched off: caches (no request repeats
 * another), and the router's own queue, so that all work waits at its stage.
 */
export const startLiveStack = (redisUrl: string, modelDir: string): Promise<LocalStack> =>
  startLocalStack({
    redisUrl,
    settings: {
      ISOTHERM_MODEL_DIR: modelDir,
      ISOTHERM_PREFIX: `bench-validation-${process.pid}`,
      ISOTHERM_BATCH_MAX: String(batchMax.encode),
      ISOTHERM_SLOTS: String(batchMax.decode),
      ISOTHERM_EMBEDDING_CACHE_BYTES_MAX: '0',
      ISOTHERM_PREFIX_CACHE_BYTES_MAX: '0',
    },
    settingsOf: {
      router: { ISOTHERM_STAGE_BACKLOG_MS: '60000', ISOTHERM_PLACES_PERCENT: '1000' },
    },
  });

const services = ['router', 'encoder', 'prefill', 'decode'] as const;
/** Engines' threads step back to this nice value; event loops do not. */
const engineNice = 10;

/** Processor time that event loops have taken so far, of the stack and of this process, in milliseconds. */
export const loopsMsOf = async (stack: LocalStack): Promise<number> => {
  const pids = services.flatMap((service) => stack.instances(service).map(({ pid }) => pid));
  const sums = await Promise.all(pids.map(loopsMsOfProcess));
  const { user, system } = process.cpuUsage();
  return sums.reduce((sum, each) => sum + each, 0) + (user + system) / 1000;
};

/** What event loops do without any request. */
export interface Idle {
  /** Of one processor. */
  readonly loopsShare: number;
}

const idleSeconds = 2;

/** Watches a stack that nobody asks anything. */
export const watchIdle = async (stack: LocalStack): Promise<Idle> => {
  const [before, startMs] = [await loopsMsOf(stack), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 1000 * idleSeconds));
  const loopsMs = (await loopsMsOf(stack)) - before;
  return { loopsShare: loopsMs / (performance.now() - startMs) };
};

/** Nothing where there is no /proc. */
const loopsMsOfProcess = async (pid: number): Promise<number> => {
  const folder = `/proc/${pid}/task`;
  let sumMs = 0;
  for (const thread of await readdir(folder).catch(() => [])) {
    const [stat, schedule] = await Promise.all(
      ['stat', 'schedstat'].map((file) => readFile(`${folder}/${thread}/${file}`, 'utf8')),
    ).catch(() => ['', '']);
    // The name in parentheses may hold spaces; the nice value is field 19.
    const nice = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
    if (nice < engineNice) sumMs += Number(schedule?.split(' ')[0]) / 1e6;
  }
  return sumMs;
};
