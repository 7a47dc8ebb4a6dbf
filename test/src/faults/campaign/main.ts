// A seeded campaign of faults over real processes: npm run faults -- --runs 300 --seed 1
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';
import { nameOf } from './plan.ts';
import { figuresOf, type Ran, tableOf } from './table.ts';

const usage =
  'npm run faults -- [--runs N] [--seed S]   N runs with the seeds S, S + 1, …\n' +
  '    --at-once M                           M of them at a time (2), each with a system of its own\n' +
  '    --pause-file FILE                     none begins while there is this file: others use the machine\n' +
  'npm run faults -- --replay SEED           one run again, with all that the services logged\n';
const runsMax = 100_000;
const atOnceMax = 64;
const pauseLookMs = 500;
const seedMax = 2 ** 31;

const whole = (name: string, text: string, max: number): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new Error(`--${name} is "${text}": write a whole number from 0 to ${max}.`);
};

const parse = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      'at-once': { type: 'string', default: '2' },
      'pause-file': { type: 'string', default: '' },
      replay: { type: 'string' },
    },
  });
  const pauseFile = values['pause-file'];
  if (values.replay !== undefined) {
    return {
      pauseFile,
      runs: 1,
      seed: whole('replay', values.replay, seedMax),
      atOnce: 1,
      isReplay: true,
    };
  }
  const runs = whole('runs', values.runs, runsMax);
  const atOnce = Math.max(1, whole('at-once', values['at-once'], atOnceMax));
  return { pauseFile, runs, seed: whole('seed', values.seed, seedMax), atOnce, isReplay: false };
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const tell = ({ plan, report }: Ran, tookMs: number): void => {
  const { requests, answered, refused, problems } = report;
  const faults = plan.faults.map(({ atMs, forMs, fault }) => {
    const place = 'at' in fault ? ` ${fault.at.index}` : '';
    return `${nameOf(fault)}${place} at ${atMs} for ${forMs} ms`;
  });
  const verdict = problems.length === 0 ? 'survived' : 'NOT SURVIVED';
  say(
    `${plan.seed} ${plan.engine} ${verdict}, ${(tookMs / 1000).toFixed(1)} s, ` +
      `${answered} of ${requests} answered, ${refused} refused, the slowest after ` +
      `${(report.slowestMs / 1000).toFixed(1)} s: ${faults.join('; ')}`,
  );
  for (const [why, count] of Object.entries(report.refusals)) {
    say(`    ${count} refused: ${why}`);
  }
  for (const problem of problems) say(`    ${problem}`);
  if (problems.length > 0) say(`    again: npm run faults -- --replay ${plan.seed}`);
};

const main = async (): Promise<number> => {
  let options: ReturnType<typeof parse>;
  try {
    options = parse(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  const { pauseFile, runs, seed, atOnce, isReplay } = options;
  const ran = await runCampaign({
    seeds: Array.from({ length: runs }, (_, index) => seed + index),
    atOnce,
    turn: async () => {
      while (pauseFile !== '' && existsSync(pauseFile)) await delay(pauseLookMs);
    },
    ran: (run, tookMs, logs) => {
      tell(run, tookMs);
      // What the services logged tells most of a run that may not fail a second time.
      const isWanted = isReplay || run.report.problems.length > 0;
      if (isWanted) for (const line of logs) process.stderr.write(`${line}\n`);
    },
  });
  for (const line of tableOf(ran)) say(line);
  const figures = figuresOf(seed, ran);
  say(JSON.stringify(figures));
  return figures.failed_runs === 0 ? 0 : 1;
};

process.exitCode = await main();
