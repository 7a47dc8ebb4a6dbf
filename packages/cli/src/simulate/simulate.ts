import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExperimentDocument } from '@isotherm/simulator';
import { CommandError } from '../exit-code.ts';
import { terminalOf } from '../show/terminal.ts';
import { lasting } from './lasting.ts';
import { plotSvg, pngOf } from './plot.ts';
import { durationText, progressLine } from './progress.ts';
import { readExperiment } from './read-experiment.ts';
import { reportHtml } from './report.ts';
import { armRows, type ArmRun, runRows } from './result-row.ts';
import { savedRuns } from './saved-runs.ts';
import { csvOf, tableLines } from './table.ts';
import { type RunOrder, runOrders } from './run-orders.ts';

export interface SimulateOptions {
  readonly seed?: number;
  readonly seeds?: number;
  readonly hours?: number;
  readonly arm?: readonly string[];
  readonly threads?: number;
  readonly out?: string;
  readonly fresh?: boolean;
  readonly json?: boolean;
}

/** `isotherm simulate`: every arm of an experiment from every seed, on all cores; what is done already is not done again. */
export const simulate = async (path: string, options: SimulateOptions): Promise<void> => {
  const file = resolve(path);
  const read = await readExperiment(file);
  if (read.kind === 'refused') {
    if (options.json === true)
      process.stdout.write(`${JSON.stringify({ problems: read.problems })}\n`);
    else {
      for (const { path: where, message } of read.problems) {
        process.stderr.write(`${where === '' ? 'the experiment' : where}: ${message}\n`);
      }
    }
    const { length } = read.problems;
    throw new CommandError(`${path} has ${length === 1 ? 'a problem' : `${length} problems`}.`);
  }
  const { hours } = options;
  const document = hours === undefined ? read.document : lasting(read.document, hours);
  const fingerprint = `${read.fingerprint}${hours === undefined ? '' : ` ${hours} h`}`;
  const folder = resolve(options.out ?? `${document.name}.results`);
  const orders = ordersOf(document, file, options);
  const runs = await runAll(orders, join(folder, 'runs'), fingerprint, options);
  const countedS = document.durationS - document.warmUpS;
  const rows = armRows(runs, countedS);
  await mkdir(folder, { recursive: true });
  const plot = plotSvg(document.name, rows, runs);
  const result = { name: document.name, fingerprint, arms: rows, runs: runRows(runs, countedS) };
  await writeFile(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(join(folder, 'runs.csv'), csvOf(result.runs));
  await writeFile(join(folder, 'arms.csv'), csvOf(rows));
  await writeFile(join(folder, 'plot.svg'), `${plot}\n`);
  await writeFile(join(folder, 'plot.png'), await pngOf(plot));
  await writeFile(join(folder, 'report.html'), reportHtml(document, rows, result.runs, plot));
  const terminal = terminalOf(process.stdout);
  if (options.json === true) return terminal.line(JSON.stringify({ folder, ...result }));
  for (const line of tableLines(rows)) terminal.line(line);
  terminal.line(`\nReport, plots and tables: ${folder}`);
};

const ordersOf = (
  { arms, seeds, name }: ExperimentDocument,
  file: string,
  options: SimulateOptions,
): readonly RunOrder[] => {
  const known = arms.map((arm) => arm.name);
  const wanted = options.arm ?? known;
  const unknown = wanted.find((arm) => !known.includes(arm));
  if (unknown !== undefined) {
    throw new CommandError(`${name} has no arm ${unknown}; it has ${known.join(', ')}.`, {
      usage: true,
    });
  }
  const from = options.seed === undefined ? seeds.slice(0, options.seeds) : [options.seed];
  const { hours } = options;
  // Seed by seed: of a sweep that is interrupted there are all arms from some seeds.
  return from.flatMap((seed) => wanted.map((arm) => ({ file, arm, seed, hours })));
};

const runAll = async (
  orders: readonly RunOrder[],
  folder: string,
  fingerprint: string,
  options: SimulateOptions,
): Promise<readonly ArmRun[]> => {
  const saved = savedRuns(folder, fingerprint);
  const found = await Promise.all(
    orders.map(async (order) => (options.fresh === true ? undefined : saved.load(order))),
  );
  const results = new Map(found.flatMap((result, at) => (result ? [[at, result] as const] : [])));
  const numbers = [...orders.keys()].filter((at) => !results.has(at));
  const left = numbers.flatMap((at) => orders[at] ?? []);
  const interrupt = new AbortController();
  const onInterrupt = (): void =>
    interrupt.abort(new CommandError('Interrupted; the next time it goes on from here.'));
  process.once('SIGINT', onInterrupt);
  const progress = showProgress(left.length, results.size);
  try {
    await runOrders(left, {
      threads: Math.min(left.length, options.threads ?? availableParallelism()),
      signal: interrupt.signal,
      onProgress: progress.note,
      onResult: async (order, result) => {
        results.set(orders.indexOf(order), result);
        await saved.save(order, result);
      },
    });
  } finally {
    progress.end();
    process.off('SIGINT', onInterrupt);
  }
  return orders.flatMap(({ arm }, at) => {
    const result = results.get(at);
    return result === undefined ? [] : [{ arm, result }];
  });
};

const drawEveryMs = 200;

/** At a terminal a bar that is drawn over; into a pipe one line in the end. It goes to standard error, beside the result. */
const showProgress = (
  count: number,
  savedCount: number,
): { note(order: number, share: number): void; end(): void } => {
  const terminal = terminalOf(process.stderr);
  const startedMs = performance.now();
  const shares = new Array<number>(count).fill(0);
  let drawnMs = 0;
  if (savedCount > 0) terminal.line(`${runsText(savedCount)} done already.`);
  return {
    note: (order, share) => {
      shares[order] = share;
      const nowMs = performance.now();
      if (!terminal.interactive || nowMs - drawnMs < drawEveryMs) return;
      drawnMs = nowMs;
      terminal.write(`\r${progressLine(shares, nowMs - startedMs, terminal.columns)}\u001b[K`);
    },
    end: () => {
      if (terminal.interactive) terminal.write('\r\u001b[K');
      if (count > 0)
        terminal.line(`${runsText(count)} in ${durationText(performance.now() - startedMs)}.`);
    },
  };
};

const runsText = (count: number): string => (count === 1 ? '1 run' : `${count} runs`);
