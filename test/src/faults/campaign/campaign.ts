import { type Engine, planRun, type RunPlan } from './plan.ts';
import { type RunReport, runPlan } from './run.ts';
import { openScene, type Scene } from './scene.ts';
import type { Ran } from './table.ts';

export interface CampaignOptions {
  readonly seeds: readonly number[];
  /** Told of each run as it ends. */
  ran(run: Ran, tookMs: number, logs: readonly string[]): void;
}

/**
 * Runs each seed's plan. Runs of one engine share a scene as long as it survives them; a run that was not survived gets
 * the next one a new scene, so that one fault is counted once.
 */
export const runCampaign = async ({ seeds, ran }: CampaignOptions): Promise<readonly Ran[]> => {
  const all: Ran[] = [];
  const plans = seeds.map(planRun);
  for (const engine of ['profile', 'panel'] as const) {
    const scenes = createSceneKeeper(engine);
    try {
      for (const plan of plans.filter((each) => each.engine === engine)) {
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
  }
  return all;
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

const createSceneKeeper = (engine: Engine) => {
  let open: Scene | undefined;
  return {
    scene: async (): Promise<Scene> => (open ??= await openScene(engine)),
    logs: (): readonly string[] => open?.deployment.logs ?? [],
    drop: async (): Promise<void> => {
      const closing = open;
      open = undefined;
      await closing?.close();
    },
  };
};
