import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkModelProfile, invariant, type ModelProfile } from '@isotherm/kernel';
import { defaultRoomSettings, exampleRoom } from '@isotherm/plant';
import {
  type Experiment,
  multimodalArrivals,
  multimodalDefaults,
  type Pool,
  profileCost,
  randomStream,
} from '@isotherm/simulator';
import { parse } from 'yaml';
import { repositoryRoot } from '../report/repository.ts';

/** A profile of deploy/profiles/study. */
export const studyProfile = (name: string): ModelProfile => {
  const file = join(repositoryRoot, 'deploy', 'profiles', 'study', `${name}.yaml`);
  const checked = checkModelProfile(parse(readFileSync(file, 'utf8')));
  invariant(checked.kind === 'ok', `${file} is a profile`);
  return checked.profile;
};

const costOf = (profile: ModelProfile, name: string) => {
  const entry = profile.stages.find((stage) => stage.name === name);
  invariant(entry !== undefined, `${profile.name} has a stage ${name}`);
  return entry;
};

/** Instances of a stage by the profile's name of it, such as `prefill-8`. */
const poolOf = (profile: ModelProfile, name: string, count: number): Pool => {
  const entry = costOf(profile, name);
  const { stage, gpus, kvTokensMax } = entry;
  return {
    ...{ role: stage, count, gpus, costs: { [stage]: profileCost(entry) } },
    ...(kvTokensMax !== undefined && { kvTokensMax }),
  };
};

export interface FleetOptions {
  readonly profile: string;
  /** Instances by the profile's names of stages. */
  readonly instances: Readonly<Record<string, number>>;
  readonly requestsPerS: number;
  readonly durationMs: number;
  readonly seed: number;
  /** With a room around it whose GPUs are just as many, or some more. */
  readonly hasRoom: boolean;
}

/** A fleet that serves multimodal requests, routed by the default policy looking at two instances each time. */
export const fleetExperiment = (options: FleetOptions): Experiment => {
  const profile = studyProfile(options.profile);
  const pools = Object.entries(options.instances).map(([name, count]) =>
    poolOf(profile, name, count),
  );
  const gpus = pools.reduce((sum, pool) => sum + pool.count * pool.gpus, 0);
  return {
    ...{ seed: options.seed, durationMs: options.durationMs, warmUpMs: 0, sampleMax: 2 },
    levers: { place: false, route: options.hasRoom, reconfigure: false },
    deployments: [
      {
        ...{ model: profile.name, reading: profile.reading, pools },
        mediaTokenShare: 1,
        transfer: { latencyMs: 5, embeddingMsPerToken: 0.0007, kvMsPerToken: 0.013 },
        ...{ slo: { ttftMs: 10_000, tbtMs: 100 }, answerTokensExpected: 150 },
        arrivals: (seed) =>
          multimodalArrivals(
            {
              ...{ ...multimodalDefaults, imagesMax: 2, imageTokens: profile.shape.imageTokens },
              ...{ requestsPerS: options.requestsPerS, dailySwing: 0 },
            },
            randomStream(seed, 'arrivals'),
          ),
      },
    ],
    ...(options.hasRoom && {
      room: {
        plan: exampleRoom({
          ...{ aisles: Math.ceil(gpus / 8 / 4 / 4 / 4), rowsPerAisle: 4, racksPerRow: 4 },
          ...{ serversPerRack: 4, opaqueEvery: 0 },
        }),
        ...{ periodMs: 30_000, planPeriodMs: 30_000 },
        settings: { ...defaultRoomSettings, substepSMax: 5 },
      },
    }),
  };
};
