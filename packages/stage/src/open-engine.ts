import type { ProfileOptions, Supervised, Switchable, Variant } from '@isotherm/engine';
import type { StageTime } from '@isotherm/engine/profile';
import type { Fault, ProfiledStage } from '@isotherm/kernel';
import type { EngineChoice } from './engine-choice.ts';
import type { Loadable } from './loads.ts';
import type { ModelLoad } from './model-loads.ts';

/** How a stage opens its engines. */
export interface EngineOpeners<Engine> {
  /** One that takes given times. */
  timed(options: ProfileOptions, time?: StageTime): Engine;
  /** One that runs a model's graphs. */
  graphs(load: ModelLoad): Promise<Engine & Supervised>;
  /** One that can load something else while it works, opened by the given function. */
  switchable(
    variant: Variant,
    open: (variant: Variant) => Promise<Engine & Supervised>,
  ): Promise<Engine & Switchable>;
}

export interface OpenedEngine<Engine> {
  readonly engine: Engine | (Engine & Switchable);
  /** What it can load; empty where it loads nothing. */
  readonly loadable: readonly Loadable[];
}

/** Opens what the settings chose for a stage. Faults: those of loading. */
export const openEngine = async <Engine>(
  choice: EngineChoice,
  stage: ProfiledStage,
  { timed, graphs, switchable }: EngineOpeners<Engine>,
): Promise<OpenedEngine<Engine>> => {
  if (choice.kind === 'onnx') {
    const { variant, loadable, load } = choice.loads;
    const engine = await switchable(variant, async (wanted) => graphs(await load(wanted)));
    return { engine, loadable };
  }
  const loads = choice.loadsOf(stage);
  if (loads === undefined) return { engine: timed(choice.options), loadable: [] };
  const engine = await switchable(loads.variant, async (wanted) => {
    const { options, time } = await loads.load(wanted);
    return { ...timed(options, time), failed: neverFaulty };
  });
  return { engine, loadable: loads.loadable };
};

const neverFaulty: Promise<Fault> = new Promise(() => undefined);
