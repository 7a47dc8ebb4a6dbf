import type { ModelProfile } from '@isotherm/kernel';
import {
  type ColocationGroup,
  type ColocationInput,
  colocationInput,
  type ColocationPlan,
  planColocation,
  type PlannedStage,
} from '@isotherm/policy';
import type { StageService } from '@isotherm/stack';
import type { PoolPlan } from '../autoscale/pool.ts';
import { CommandError } from '../exit-code.ts';
import type { Deployment } from './deployment.ts';
import { refusalText } from './deployment-lines.ts';

type Planned = Extract<ColocationPlan, { readonly kind: 'planned' }>;

/** What `isotherm up` is to start, decided from a profile and the traffic. */
export interface DecidedDeployment {
  readonly plan: Planned;
  readonly encoders: number;
  readonly prefills: number;
  readonly decodes: number;
  readonly colocate: readonly StageService[];
  /** What each stage that has work is scaled by. */
  readonly pools: readonly PoolPlan[];
  /** For the profile engine: the file and the entries that were chosen. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Processes of each stage that one machine is asked to start at most, as by hand. */
export const instancesMax = 64;

const serviceOf: Readonly<Record<PlannedStage, StageService>> = {
  ...{ encode: 'encoder', prefill: 'prefill', decode: 'decode' },
};

/** Throws where no way of sharing keeps the targets. */
export const decideDeployment = ({
  profile,
  profileFile,
  traffic,
  fabric,
}: Deployment): DecidedDeployment => {
  const input = colocationInput(profile, traffic, fabric);
  const plan = planColocation(input);
  if (plan.kind === 'impossible') {
    const reasons = plan.refused.map(refusalText);
    throw new CommandError(`No way of sharing instances keeps the targets: ${reasons.join('; ')}.`);
  }
  const { groups } = plan.layout;
  const shared = groups.find(({ stages }) => stages.length > 1)?.stages ?? [];
  return {
    plan,
    encoders: instancesOf(groups, 'encode'),
    prefills: instancesOf(groups, 'prefill'),
    decodes: instancesOf(groups, 'decode'),
    colocate: shared.map((stage) => serviceOf[stage]),
    pools: groups.flatMap(({ entries }) => entries).flatMap((name) => poolOf(profile, input, name)),
    settings: {
      ISOTHERM_PROFILE_FILE: profileFile,
      ISOTHERM_PROFILE_ENTRIES: groups.flatMap(({ entries }) => entries).join(','),
    },
  };
};

const poolOf = (
  profile: ModelProfile,
  { choices }: ColocationInput,
  name: string,
): readonly PoolPlan[] => {
  const entry = profile.stages.find((each) => each.name === name);
  const choice = choices.find((each) => each.entry === name);
  if (entry === undefined || choice === undefined) return [];
  const { tokens, targetMs } = choice;
  return [{ service: serviceOf[entry.stage], entry, tokens, targetMs }];
};

/** A stage that nobody asks for still has an instance here: somebody may ask by hand. */
const instancesOf = (groups: readonly ColocationGroup[], stage: PlannedStage): number =>
  Math.max(1, groups.find(({ stages }) => stages.includes(stage))?.instances ?? 0);

/** Throws where this machine is asked for more processes than by hand. */
export const refuseTooMany = ({ encoders, prefills, decodes }: DecidedDeployment): void => {
  if (Math.max(encoders, prefills, decodes) <= instancesMax) return;
  throw new CommandError(
    `The plan has ${encoders} encoders, ${prefills} prefills and ${decodes} decodes; this machine starts ${instancesMax} of each at most. --plan-only shows it.`,
  );
};
