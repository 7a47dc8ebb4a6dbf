import { stageServices, startLocalStack } from '@isotherm/stack';
import { loadNow } from '../report/environment.ts';
import { round, summarize, type Summary } from '../report/percentiles.ts';
import { say } from '../report/result.ts';
import { type LoadGenerator, startLoadGenerator } from './load/load-generator.ts';
import type { RouterParameters } from './parameters.ts';
import { startGateway } from './peers/gateway.ts';
import { startNginx } from './peers/nginx.ts';
import { startPortkey } from './peers/portkey.ts';
import { startStub } from './peers/stub.ts';
import { useOf } from './process-use.ts';
import { type Form, type Target, type TargetName, targetsOf } from './targets.ts';

/** What one target did in one run. */
export interface TargetRun {
  readonly name: TargetName;
  readonly form: Form;
  /** At the common rate, in milliseconds. */
  readonly firstMs: Summary;
  readonly wholeMs: Summary;
  /** In the closed loop; undefined for the engine, which no process stands before. */
  readonly closed: ClosedRun | undefined;
  readonly failed: number;
}

export interface ClosedRun {
  readonly requestsPerS: number;
  readonly wholeMs: Summary;
  /** Of the target's own processes; the generator, Redis and the stub behind it come on top. */
  readonly processorMsPerRequest: number | undefined;
  readonly residentMb: number | undefined;
}

export interface RouterRun {
  readonly loadAverage: readonly number[];
  readonly targets: readonly TargetRun[];
}

export interface RouterMeasured {
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly runs: readonly RouterRun[];
}

/** Starts everybody, measures them in turn, stops them. */
export const measureRouter = async (
  redisUrl: string,
  parameters: RouterParameters,
  withNginx = true,
): Promise<RouterMeasured> => {
  const stops: (() => Promise<void>)[] = [];
  const open = async <Started extends { stop(): Promise<void> } | undefined>(
    starting: Promise<Started>,
  ): Promise<Started> => {
    const started = await starting;
    if (started !== undefined) stops.push(() => started.stop());
    return started;
  };
  try {
    say('starting services, the stub and what is measured beside them');
    const stub = await open(startStub(parameters.answerTokens));
    const stack = await open(
      startLocalStack({
        redisUrl,
        settings: { ISOTHERM_PREFIX: `bench-router-${process.pid}`, ISOTHERM_ENGINE: 'profile' },
      }),
    );
    const colocated = await open(
      startLocalStack({
        redisUrl,
        colocate: stageServices,
        settings: {
          ISOTHERM_PREFIX: `bench-colocated-${process.pid}`,
          ISOTHERM_ENGINE: 'profile',
        },
      }),
    );
    const gateway = await open(startGateway(stub.http));
    const fronted = await open(
      startLocalStack({
        redisUrl,
        shape: { encoder: 0, prefill: 0, decode: 0, upstream: 1 },
        settings: { ISOTHERM_PREFIX: `bench-fronted-${process.pid}`, ISOTHERM_ENGINE: 'upstream' },
        settingsOf: { upstream: { ISOTHERM_UPSTREAM_URL: `${stub.http}/v1` } },
      }),
    );
    const portkey = await open(startPortkey());
    const nginx = withNginx ? await open(startNginx(stub)) : undefined;
    if (withNginx && nginx === undefined)
      say('NO NGINX: it is neither there nor to be had; left out');
    const targets = targetsOf(
      { stack, colocated, gateway, fronted, stub, portkey, nginx },
      parameters.answerTokens,
    );
    const load = startLoadGenerator();
    stops.push(() => load.stop());
    say('warming up');
    for (const target of targets) await warm(target, load, parameters);
    const runs: RouterRun[] = [];
    for (let run = 1; run <= parameters.runs; run++) {
      say(`run ${run} of ${parameters.runs}, load average ${loadNow().join(' ')}`);
      runs.push(await measureRun(rotated(targets, run), load, parameters));
    }
    return { versions: { portkey: portkey.version, nginx: nginx?.version }, runs };
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
};

/** Nobody always comes first. */
const rotated = <Item>(items: readonly Item[], by: number): readonly Item[] => [
  ...items.slice(by % items.length),
  ...items.slice(0, by % items.length),
];

const warm = async (
  target: Target,
  load: LoadGenerator,
  { firstWarmMs, concurrency }: RouterParameters,
): Promise<void> => {
  if (target.name === 'engine') return;
  const pace = { kind: 'closed', concurrency: Math.ceil(concurrency / 2) } as const;
  const measureMs = firstWarmMs / (target.form === 'grpc' ? 2 : 1);
  const { failed, failure } = await load.drive({ asked: target.asked, pace, warmMs: 0, measureMs });
  if (failed > 0) throw new Error(`${target.name}, ${target.form}: ${failure}`);
};

interface Sample {
  readonly firstMs: number[];
  readonly wholeMs: number[];
  failed: number;
}

const measureRun = async (
  targets: readonly Target[],
  load: LoadGenerator,
  parameters: RouterParameters,
): Promise<RouterRun> => {
  const loadAverage = loadNow();
  const samples = new Map<Target, Sample>(
    targets.map((target) => [target, { firstMs: [], wholeMs: [], failed: 0 }]),
  );
  for (let turn = 0; turn < parameters.turns; turn++) {
    for (const [target, sample] of samples) await measurePaced(target, sample, load, parameters);
  }
  const measured: TargetRun[] = [];
  for (const [target, { firstMs, wholeMs, failed }] of samples) {
    const { closed, failed: alsoFailed } = await measureClosed(target, load, parameters);
    const { name, form } = target;
    const run = {
      ...{ name, form, closed, failed: failed + alsoFailed },
      firstMs: summarize(firstMs),
      wholeMs: summarize(wholeMs),
    };
    measured.push(run);
    sayTarget(run);
  }
  return { loadAverage, targets: measured };
};

const measurePaced = async (
  { asked }: Target,
  sample: Sample,
  load: LoadGenerator,
  { ratePerS, pacedMs, turns }: RouterParameters,
): Promise<void> => {
  const pace = { kind: 'open', perS: ratePerS } as const;
  const order = { asked, pace, warmMs: 300, measureMs: pacedMs / turns };
  const outcome = await load.drive(order);
  sample.firstMs.push(...outcome.firstMs);
  sample.wholeMs.push(...outcome.wholeMs);
  sample.failed += outcome.failed;
};

const measureClosed = async (
  target: Target,
  load: LoadGenerator,
  { concurrency, closedWarmMs: warmMs, closedMs: measureMs }: RouterParameters,
): Promise<{ readonly closed: ClosedRun | undefined; readonly failed: number }> => {
  if (target.name === 'engine') return { closed: undefined, failed: 0 };
  const pids = await target.pids();
  const before = await useOf(pids);
  const pace = { kind: 'closed', concurrency } as const;
  const outcome = await load.drive({ asked: target.asked, pace, warmMs, measureMs });
  const after = await useOf(pids);
  const processorMs =
    before === undefined || after === undefined
      ? undefined
      : round((after.processorMs - before.processorMs) / Math.max(1, outcome.answered));
  const closed: ClosedRun = {
    requestsPerS: round((outcome.completed / outcome.measureMs) * 1000),
    wholeMs: summarize(outcome.wholeMs),
    processorMsPerRequest: processorMs,
    residentMb: after?.residentMb,
  };
  return { closed, failed: outcome.failed };
};

const sayTarget = ({ name, form, firstMs, wholeMs, closed, failed }: TargetRun): void =>
  say(
    `  ${name.padEnd(8)} ${form.padEnd(8)} first ${firstMs.p50} ms, whole ${wholeMs.p50} ms ` +
      `(p99 ${wholeMs.p99} ms)` +
      (closed === undefined
        ? ''
        : `; ${closed.requestsPerS} requests/s, ${closed.processorMsPerRequest} ms of processor ` +
          `a request, ${closed.residentMb} MB`) +
      (failed > 0 ? `; ${failed} FAILED` : ''),
  );
