import { join } from 'node:path';
import { shippedModelDir } from '@isotherm/stack';
import { loadNow } from '../report/environment.ts';
import { repositoryRoot } from '../report/repository.ts';
import { say } from '../report/result.ts';
import { ablationsOf } from './ablation-list.ts';
import { inInt8, panelDeployment, weightyDeployment } from './deployments.ts';
import type { ModelFigures } from './figures.ts';
import { knownSettings } from './known-settings.ts';
import { startLoadGenerator } from './load/load-generator.ts';
import { type AblationResult, measureAblations } from './measure/ablations.ts';
import { type ChosenPeer, choosePeer } from './measure/choose-peer.ts';
import { measureModel } from './measure/measure-model.ts';
import { measureVariant } from './measure/measure-variant.ts';
import { createTrial } from './measure/trial.ts';
import { fullParameters, type ModelParameters, quickParameters } from './parameters.ts';
import { type Deployment, startIsotherm } from './systems/isotherm.ts';
import { withoutDelta } from './without-delta.ts';
import { provideWeighty } from './weighty/provide-weighty.ts';
import { weightyShape } from './weighty/shape.ts';

export type ModelName = 'panel' | 'weighty';

export interface RunOptions {
  readonly redisUrl: string;
  readonly quick: boolean;
  readonly ablations: boolean;
}

/** A model's figures and how they came about. */
export interface MeasuredModel {
  readonly figures: ModelFigures;
  readonly parameters: ModelParameters;
  readonly deployment: Deployment;
  readonly peer: Pick<ChosenPeer, 'options' | 'trials'>;
  readonly loadAverage: readonly number[];
  readonly seconds: number;
}

/** What is compared for one model. */
interface Contest {
  readonly parameters: ModelParameters;
  readonly deployment: Deployment;
  /** Folders that the peer may run best with, by what they are. */
  readonly peerFolders: Readonly<Record<string, string>>;
  readonly plainModelDir: string | undefined;
  /** Measured besides: Isotherm with the folder's other weights. */
  readonly variant: { readonly name: string; readonly deployment: Deployment } | undefined;
}

export const runModels = async (
  models: readonly ModelName[],
  options: RunOptions,
): Promise<Partial<Record<ModelName, MeasuredModel>>> => {
  const measured: Partial<Record<ModelName, MeasuredModel>> = {};
  for (const model of models) {
    say(`model ${model}`);
    measured[model] = await runModel(await contestOf(model, options.quick), options);
  }
  return measured;
};

const contestOf = async (model: ModelName, quick: boolean): Promise<Contest> => {
  if (model === 'panel') {
    return {
      parameters: quick ? quickParameters.panel : fullParameters.panel,
      deployment: panelDeployment,
      peerFolders: { shipped: shippedModelDir },
      plainModelDir: await withoutDelta(join(repositoryRoot, '.isotherm/bench/panel-plain/panel')),
      variant: undefined,
    };
  }
  const root = join(repositoryRoot, '.isotherm/bench/weighty');
  const folders = await provideWeighty(root, weightyShape, say);
  const deployment = weightyDeployment(folders);
  return {
    parameters: quick ? quickParameters.weighty : fullParameters.weighty,
    deployment,
    variant: { name: 'int8', deployment: inInt8(deployment) },
    peerFolders: { 'grouped attention': folders.grouped, 'plain attention': folders.plain },
    plainModelDir: folders.plain,
  };
};

const runModel = async (contest: Contest, options: RunOptions): Promise<MeasuredModel> => {
  const { parameters, deployment, peerFolders, plainModelDir } = contest;
  const startMs = performance.now();
  const loadAverage = loadNow();
  const generator = startLoadGenerator();
  const trial = createTrial(generator, parameters);
  try {
    const peer = await choosePeer(trial, peerFolders, parameters);
    let ablations: readonly AblationResult[] = [];
    try {
      const isotherm = await startIsotherm(deployment, options.redisUrl);
      try {
        const { monolith } = peer;
        const result = await measureModel(trial, { isotherm, monolith }, parameters);
        // Its memory and cores are wanted by what comes now; stopping twice does no harm.
        await monolith.stop();
        const variant =
          contest.variant === undefined
            ? undefined
            : await measureVariant(
                trial,
                {
                  ...contest.variant,
                  peer: { ...peer.options, precision: 'int8' },
                  slo: result.slo.monolith,
                  redisUrl: options.redisUrl,
                },
                parameters,
              );
        if (options.ablations) {
          ablations = await measureAblations(
            trial,
            isotherm,
            {
              deployment,
              ablations: ablationsOf(deployment, plainModelDir),
              settings: await knownSettings(),
              redisUrl: options.redisUrl,
            },
            parameters,
          );
        }
        return {
          figures: { result, variant, ablations },
          parameters,
          deployment: { ...deployment, modelDir: relative(deployment.modelDir) },
          peer: {
            options: { ...peer.options, modelDir: relative(peer.options.modelDir) },
            trials: peer.trials,
          },
          loadAverage,
          seconds: Math.round((performance.now() - startMs) / 1000),
        };
      } finally {
        await isotherm.stop();
      }
    } finally {
      await peer.monolith.stop();
    }
  } finally {
    generator.close();
  }
};

/** Results say nothing of where the repository lies. */
const relative = (path: string): string => path.replace(repositoryRoot, '').replace(/^\//, '');
