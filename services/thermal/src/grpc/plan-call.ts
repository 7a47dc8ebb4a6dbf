import { Fault } from '@isotherm/kernel';
import type { PlanRequest, PlanResponseInput, ThermalActionInput } from '@isotherm/proto';
import type { Plan } from '@isotherm/policy';
import type { CommandOutcome } from '../control/actuator.ts';
import type { Conductor, DecidedAction } from '../control/conductor.ts';
import type { PlaceDesk } from '../control/place-desk.ts';
import type { Round } from '../round/round.ts';

/** What plans are made of. */
export interface PlanParts {
  latest(): Round;
  readonly places: PlaceDesk;
  readonly conductor: Conductor;
  isEmergency(): boolean;
}

const instancesMax = 4_096;
const notesMax = 256;

/** Plan. */
export const makePlan = (
  { place, reconfigure, apply }: PlanRequest,
  parts: PlanParts,
): PlanResponseInput => {
  const round = parts.latest();
  if (place) {
    const planned = parts.places.plan(place, round, apply);
    return { places: [...planned.places], notes: planned.notes.map((note) => ({ ...note })) };
  }
  if (!reconfigure) {
    const message = 'Say what to plan: place or reconfigure.';
    throw new Fault('invalid_argument', message, { param: 'what' });
  }
  const only = namedOf(reconfigure.instanceIds, round);
  const plan = parts.conductor.plan(round, parts.isEmergency(), only);
  if (apply) parts.conductor.apply(plan, round);
  const outcome = apply ? 'pending' : 'planned';
  return {
    actions: plan.actions.map((action) => plannedMessage(action, outcome)),
    notes: notesOf(plan),
  };
};

const namedOf = (ids: readonly string[], round: Round): ReadonlySet<string> => {
  const field = 'reconfigure.instance_ids';
  if (ids.length > instancesMax) {
    const message = `At most ${instancesMax} instances are named at once.`;
    throw new Fault('invalid_argument', message, { param: field });
  }
  const living = new Set(round.instances.map(({ record }) => record.id as string));
  const unknown = ids.find((id) => !living.has(id));
  if (unknown !== undefined) {
    const message = `There is no instance ${unknown.slice(0, 64)}.`;
    throw new Fault('not_found', message, { param: field });
  }
  return new Set(ids);
};

const notesOf = ({ unsolved, needsReplicas, losses }: Plan) =>
  [
    ...unsolved.map(({ constraint, unit, over, pastLimit }) => ({
      about: constraint,
      text: `${over.toFixed(1)} ${unit} above its aim${pastLimit ? ', past its limit' : ''}`,
    })),
    ...needsReplicas.map(({ stage, model, replicas }) => ({
      about: `${stage} ${model}`,
      text: `needs ${replicas} more in its preferred configuration`,
    })),
    {
      about: 'losses',
      text: `opaque ${losses.opaqueW.toFixed(0)} W, load ${losses.lackLoad.toFixed(2)} of ${losses.load.toFixed(2)}`,
    },
  ].slice(0, notesMax);

/** An action that was decided, and what became of it. */
export const actionMessage = (
  { action, done }: DecidedAction,
  outcome: CommandOutcome,
): ThermalActionInput => plannedMessage(action, done ? outcome : 'dry_run');

const plannedMessage = (action: DecidedAction['action'], outcome: string): ThermalActionInput => {
  const { instance, reason, effect, costS } = action;
  return {
    ...{ kind: action.kind.replaceAll('-', '_'), instanceId: instance, reason, costS, outcome },
    ...{ effectW: effect.powerW, qualityLoss: Math.max(0, effect.qualityLoss) },
    ...changeOf(action),
  };
};

const changeOf = (action: DecidedAction['action']): ThermalActionInput => {
  switch (action.kind) {
    case 'reconfigure':
      return { knob: 'configuration', from: action.from, to: action.to };
    case 'cap':
      return { knob: 'power_w', to: action.capW.toFixed(0) };
    case 'release':
      return { knob: action.of };
    case 'stop-routing':
      return { knob: 'routing', to: 'stopped' };
    default:
      return action satisfies never;
  }
};
