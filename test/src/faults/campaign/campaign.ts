import { type Engine, planRun, type RunPlan } from './plan.ts';
import { type RunReport, runPlan } from './run.ts';
import { openScene, type Scene } from './scene.ts';
import type { Ran } from './table.ts';

export interface CampaignOptions {
  readonly seeds: readonly number[];
  /** How many runs go on at once, each with a system of its own; absent: one. */
  readonly atOnce?: number;
  /** Waited for before each run; absent: nothing. */
  turn?(): Promise<void>;
  /** Told of each run as it ends. */
  ran(run: Ran, tookMs: number, logs: readonly string[]): void;
}

/**
 * Runs each seed's plan. Runs of one engine share a scene as long as it survives them; a run that was not survived gets
 * the next one a new scene, so that one fault is counted once. A run waits more than it computes: for its faults to end,
 * for silence to be noticed.
 */
export const runCampaign = async (options: CampaignOptions): Promise<readonly Ran[]> => {
  const { seeds, atOnce = 1, ran, turn } = options;
  const open = oneAfterAnother(openScene);
  const all: Ran[] = [];
  const runAll = async (engine: Engine, plans: Iterable<RunPlan>): Promise<void> => {
    const scenes = createSceneKeeper(() => open(engine));
    try {
      for (const plan of plans) {
        await turn?.();
        const startMs = performance.now();
        const report = await reportOf(scenes.scene(), plan);
        const run = { plan, report };
        all.push(run);
        ran(run, performance.now() - startMs, scenes.logs());
        if (report.problems.length > 0) await scenes.drop();
      }
    } finally {
      await scenes.drop();
    }
  };
  const plans = seeds.map(planRun);
  for (const engine of ['profile', 'panel'] as const) {
    const ofEngine = plans.filter((each) => each.engine === engine);
    // Who is free takes the next one.
    const waiting = ofEngine.values();
    const keepers = Math.min(atOnce, ofEngine.length);
    await Promise.all(Array.from({ length: keepers }, () => runAll(engine, waiting)));
  }
  return all.toSorted((a, b) => a.plan.seed - b.plan.seed);
};

/** Scenes look for free ports: two that do so at once may find the same. */
const oneAfterAnother = <Argument, Value>(
  work: (argument: Argument) => Promise<Value>,
): ((argument: Argument) => Promise<Value>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (argument) => {
    const mine = last.then(() => work(argument));
    last = mine.catch(() => undefined);
    return mine;
  };
};

const reportOf = async (scene: Promise<Scene>, plan: RunPlan): Promise<RunReport> => {
  try {
    return await runPlan(await scene, plan);
  } catch (error) {
    const none = { requests: 0, answered: 0, refused: 0, migrations: 0, lost: 0 };
    const problems = [`the run itself: ${String(error)}`];
    return {
      ...none,
      extraTokens: 0,
      missingTokens: 0,
      stuck: 1,
      slowestMs: 0,
      refusals: {},
      problems,
    };
  }
};

const createSceneKeeper = (openNew: () => Promise<Scene>) => {
  let open: Scene | undefined;
  return {
    scene: async (): Promise<Scene> => (open ??= await openNew()),
    logs: (): readonly string[] => open?.deployment.logs ?? [],
    drop: async (): Promise<void> => {
      const closing = open;
      open = undefined;
      await closing?.close();
    },
  };
};
