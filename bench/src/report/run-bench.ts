import { parseArgs } from 'node:util';
import { environment } from './environment.ts';
import { provideRedis } from './provided-redis.ts';
import { type Figures, report, say } from './result.ts';

/** What a bench measured: its figures, and all that belongs to its raw result. */
export interface Measured {
  readonly figures: Figures;
  readonly raw: object;
}

/** Runs a bench that takes no option but `--quick`, with a Redis that it brings along, and reports what it measured. */
export const runBench = async (
  name: string,
  measure: (redisUrl: string, quick: boolean) => Promise<Measured>,
): Promise<void> => {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
  const measuredOn = environment();
  const redis = await provideRedis();
  say(`Redis: ${redis.how}`);
  try {
    const { figures, raw } = await measure(redis.url, values.quick);
    await report(name, values.quick, figures, { ...measuredOn, ...raw });
  } finally {
    await redis.stop();
  }
};
