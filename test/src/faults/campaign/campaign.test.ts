import { beforeAll, expect, it } from '@jest/globals';
import { describeWithRedis } from '../../harness/redis.ts';
import { runCampaign } from './campaign.ts';
import { figuresOf, type Ran } from './table.ts';

/** Between them they hit each stage, a router and Redis. The long form: npm run faults -- --runs 300 --seed 1 */
const seeds = [2, 3, 4, 5];

await describeWithRedis('seeded faults over a running system', { own: true }, () => {
  let ran: readonly Ran[];
  const problems: string[] = [];
  beforeAll(async () => {
    ran = await runCampaign({
      seeds,
      ran: ({ plan, report }) => {
        for (const problem of report.problems) problems.push(`seed ${plan.seed}: ${problem}`);
      },
    });
  }, 120_000);

  it('every request is answered right or refused, and nothing is left held', () => {
    expect(problems).toEqual([]);
    const figures = figuresOf(0, ran);
    expect(figures).toMatchObject({ lost: 0, duplicated_tokens: 0, missing_tokens: 0, stuck: 0 });
    expect(figures.requests).toBeGreaterThan(16 * seeds.length);
    expect(figures.answered).toBeGreaterThan(figures.requests / 2);
  });
});
