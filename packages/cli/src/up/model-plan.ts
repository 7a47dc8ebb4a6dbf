import { existsSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import {
  shippedModelDir,
  type StackShape,
  type StageService,
  stageServices,
} from '@isotherm/stack';
import { CommandError } from '../exit-code.ts';

/** Flags of `isotherm up` that name models. */
export interface ModelFlags {
  readonly model?: readonly string[];
  readonly engine: 'onnx' | 'profile';
  readonly embedded?: boolean;
  readonly colocate?: readonly StageService[];
}

/** What to start for each of the models that were named. */
export interface ModelPlan {
  readonly dirs: readonly string[];
  /** What the router is told beside the settings of all. */
  readonly routerSettings: Readonly<Record<string, string>>;
  /** Settings of each instance of a stage; none where there is one model. */
  readonly settingsOfEach: Partial<
    Record<StageService, readonly Readonly<Record<string, string>>[]>
  >;
}

/** Instances are counted for each model: two models and `--decodes 2` are four. */
export const planModels = (flags: ModelFlags, shape: StackShape): ModelPlan => {
  const dirs = foldersOf(flags);
  if (dirs.length === 1) return { dirs, routerSettings: {}, settingsOfEach: {} };
  refuseSeveral(flags);
  const each = (service: StageService) =>
    dirs.flatMap((dir) =>
      Array.from({ length: shape[service] }, () => ({ ISOTHERM_MODEL_DIR: dir })),
    );
  return {
    dirs,
    routerSettings: { ISOTHERM_MODEL_DIRS: dirs.join(delimiter) },
    settingsOfEach: Object.fromEntries(stageServices.map((service) => [service, each(service)])),
  };
};

/** The shape of a stack with as many instances of each stage for each model. */
export const shapeOfAll = (shape: StackShape, { dirs }: ModelPlan): StackShape => ({
  ...shape,
  ...Object.fromEntries(stageServices.map((service) => [service, dirs.length * shape[service]])),
});

const foldersOf = ({ model = [], engine }: ModelFlags): readonly string[] => {
  if (model.length === 0) return [shippedModelDir];
  const dirs = [...new Set(model.map((dir) => resolve(dir)))];
  const wrong = dirs.find((dir) => engine !== 'profile' && !existsSync(join(dir, 'config.json')));
  if (wrong === undefined) return dirs;
  throw new CommandError(
    `${basename(wrong)} is no model folder: it has no config.json. ` +
      'packages/engine/README.md says what one holds.',
  );
};

const refuseSeveral = ({ engine, embedded, colocate = [] }: ModelFlags): void => {
  const why =
    engine === 'profile'
      ? '--engine profile runs no model'
      : embedded === true
        ? '--embedded is one process, and a process runs one model'
        : colocate.length > 0
          ? '--colocate puts stages of one model into one process'
          : undefined;
  if (why === undefined) return;
  throw new CommandError(`Several --model cannot be had here: ${why}.`, { usage: true });
};
