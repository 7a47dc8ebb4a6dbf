import { autoscaleDefaults } from '@isotherm/policy';
import { type AutoscaleOptions, keepScaled } from '../autoscale/keep-scaled.ts';
import type { PoolPlan } from '../autoscale/pool.ts';
import { CommandError, errorLine } from '../exit-code.ts';
import { terminalOf } from '../show/terminal.ts';
import { removeRunningStack, writeRunningStack } from '../state/running-stacks.ts';
import { type Demo, demoOf, runDemo } from './demo.ts';
import { onInterrupt } from './interrupt.ts';
import { keepAlive } from './keep-alive.ts';
import { keepRedis } from './keep-redis.ts';
import type { ProvidedRedis } from './provide-redis.ts';
import { removeKeys } from './remove-keys.ts';
import { showJson } from './show-json.ts';
import { showText } from './show-text.ts';
import { type Held, start } from './start.ts';
import type { System } from './system.ts';
import type { Show } from './up-event.ts';
import { withDeployment } from './with-deployment.ts';
import { planUp, shorter, type UpFlags, type UpPlan } from './up-plan.ts';

export type { UpFlags } from './up-plan.ts';

/**
 * `isotherm up`: starts everything, asks if wanted, stays until Ctrl-C, and leaves nothing behind.
 */
export const up = async (given: UpFlags): Promise<void> => {
  const terminal = terminalOf(process.stdout);
  const show = given.json === true ? showJson(terminal.write) : showText(terminal);
  const flags = await withDeployment(given, show);
  if (flags.planOnly === true) return;
  const plan = await planUp(flags);
  const held: Held = { redis: undefined, system: undefined, stopping: false };
  const interrupt = onInterrupt(() => abandon(held));
  try {
    await run(flags, plan, held, show, interrupt.signal);
  } catch (error) {
    // Whatever fails because it was interrupted was meant to.
    if (!interrupt.signal.aborted) throw error;
  } finally {
    await release(held, plan, show, interrupt.signal.aborted);
    interrupt.dispose();
  }
};

const run = async (
  flags: UpFlags,
  plan: UpPlan,
  held: Held,
  show: Show,
  signal: AbortSignal,
): Promise<void> => {
  const demo = demoOf(flags);
  await start(flags, plan, held, show, signal);
  const { system } = held;
  if (system === undefined || signal.aborted) return;
  const announce: Show = (event) => {
    if (event.kind === 'restarted' || event.kind === 'added') remember(system);
    return show(event);
  };
  remember(system);
  const settled = new AbortController();
  const ended = AbortSignal.any([signal, settled.signal]);
  const { gaveUp, watch } = keepAlive(system, announce, ended);
  const { pools = [] } = flags;
  const scaled =
    pools.length === 0
      ? undefined
      : keepScaled(system, autoscaleOptions(flags, pools), {
          show: announce,
          added: watch,
          signal: ended,
        }).catch(complain);
  if (held.redis !== undefined) {
    const replaced = (redis: ProvidedRedis): void => void (held.redis = redis);
    void keepRedis({ first: held.redis, show, signal: ended, replaced }).catch(complain);
  }
  try {
    if (wantsDemo(flags)) await runDemo(demo, system.where().grpc, show, signal);
    if (flags.once === true) return;
    const hasRoom = system.processes().some(({ service }) => service === 'thermal');
    await show({ kind: 'howToTalk', ...system.where(), ...talkAbout(demo), hasRoom });
    const reason = await gaveUp;
    if (reason !== undefined) throw new CommandError(reason);
  } finally {
    // Processes that end from here on were told to.
    settled.abort();
    await scaled;
  }
};

const autoscaleOptions = (
  { encoders, prefills, decodes, gpus, autoscaleEvery, autoscaleMax, autoscalePort }: UpFlags,
  plans: readonly PoolPlan[],
): AutoscaleOptions => ({
  plans,
  counts: { encoder: encoders, prefill: prefills, decode: decodes },
  everyS: autoscaleEvery ?? autoscaleDefaults.planEveryMs / 1000,
  replicasMax: autoscaleMax ?? localInstancesMax,
  ...{ metricsPort: autoscalePort ?? 0, gpusEach: gpus },
});

/** Processes of a stage that one machine is let grow to, where nobody says how many. */
const localInstancesMax = 8;

const complain = (error: unknown): void => void process.stderr.write(`${errorLine(error)}\n`);

const wantsDemo = ({ demo, picture, question }: UpFlags): boolean =>
  demo === true || picture !== undefined || question !== undefined;

const talkAbout = ({ picture, questions }: Demo) => ({
  picture: shorter(picture),
  question: questions[0]?.text ?? '',
});

const remember = (system: System): void =>
  writeRunningStack({ pid: process.pid, ...system.where(), startedMs: Date.now() });

const release = async (held: Held, plan: UpPlan, show: Show, byPerson: boolean): Promise<void> => {
  removeRunningStack(process.pid);
  const { system, redis } = held;
  if (system === undefined && redis === undefined) return;
  const startMs = performance.now();
  await show({ kind: 'stopping', byPerson });
  held.stopping = true;
  await system?.stop();
  const shared = redis !== undefined && redis.url === process.env['REDIS_URL'];
  if (shared && plan.ownPrefix !== undefined) await removeKeys(redis.url, plan.ownPrefix);
  await redis?.stop();
  await show({ kind: 'stopped', tookMs: performance.now() - startMs });
};

/**
 * The second Ctrl-C. Redis and its folder go with this process, by the provider's own exit handler.
 */
const abandon = ({ system }: Held): void => {
  removeRunningStack(process.pid);
  for (const one of system?.processes() ?? []) one.kill('SIGKILL');
  process.exit(130);
};
