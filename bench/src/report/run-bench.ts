import { parseArgs } from 'node:util';
import { environment } from './environment.ts';
import { provideRedis } from './provided-redis.ts';
import { type Figures, report, say } from './result.ts';

/** What a bench measured: its figures, and all that belongs to its raw result. */
export interface Measured {
  readonly figures: Figures;
  readonly raw: object;
}

/**
 * Runs a bench that takes no option but `--quick`, and `--only PART` where it has parts that can be measured alone, with a
 * Redis that it brings along, and reports what it measured: a part's result has a file of its own.
 */
export const runBench = async <Part extends string = never>(
  name: string,
  measure: (redisUrl: string, quick: boolean, only?: Part) => Promise<Measured>,
  parts: readonly Part[] = [],
): Promise<void> => {
  const quickly = { quick: { type: 'boolean', default: false } } as const;
  const { values } = parseArgs({ options: { ...quickly, only: { type: 'string' } } });
  const only = parts.find((part) => part === values.only);
  if (values.only !== undefined && only === undefined) {
    throw new Error(`--only takes ${parts.join(' or ') || 'nothing here'}, not ${values.only}.`);
  }
  const measuredOn = environment();
  const redis = await provideRedis();
  say(`Redis: ${redis.how}`);
  try {
    const { figures, raw } = await measure(redis.url, values.quick, only);
    const resultName = only === undefined ? name : `${name}-${only}`;
    await report(resultName, values.quick, figures, { ...measuredOn, ...raw });
  } finally {
    await redis.stop();
  }
};
