import type { ThermalEmergencyInput } from '@isotherm/proto';
import { CommandError } from '../exit-code.ts';

/** What can be injected. */
export const injections = [
  'cooling-failure',
  'ahu-loss',
  'power-cut',
  'ups-loss',
  'heat-wave',
] as const;
export type Injection = (typeof injections)[number];

export interface InjectionFlags {
  readonly aisle?: string;
  readonly ahu?: string;
  readonly row?: string;
  readonly ups?: string;
  /** What is left, 0 to 1. */
  readonly to?: number;
  /** How much warmer outside, in K. */
  readonly by?: number;
  /** How long it lasts, in seconds of the room's time. */
  readonly for?: number;
}

const flagsOf: Readonly<Record<Injection, readonly (keyof InjectionFlags)[]>> = {
  'cooling-failure': ['aisle', 'to', 'for'],
  'ahu-loss': ['aisle', 'ahu', 'for'],
  'power-cut': ['row', 'to', 'for'],
  'ups-loss': ['ups', 'for'],
  'heat-wave': ['by', 'for'],
};

const isInjection = (name: string): name is Injection => injections.some((known) => known === name);

/** The emergency that a command line asks for. Throws what is wrong with it, and what would be right. */
export const emergencyOf = (name: string, flags: InjectionFlags): ThermalEmergencyInput => {
  if (!isInjection(name)) {
    throw wrong(`"${name}" cannot be injected; ${injections.join(', ')} can, and clear ends them.`);
  }
  const given = Object.keys(flags) as (keyof InjectionFlags)[];
  const strange = given.find((flag) => flags[flag] !== undefined && !flagsOf[name].includes(flag));
  if (strange !== undefined) {
    const right = flagsOf[name].map((flag) => `--${flag}`).join(', ');
    throw wrong(`--${strange} says nothing of ${name}, which takes ${right}.`);
  }
  return { ...partOf(name, flags), forS: flags.for ?? 0 };
};

const partOf = (name: Injection, flags: InjectionFlags): ThermalEmergencyInput => {
  switch (name) {
    case 'cooling-failure':
      return {
        ...{ kind: 'cooling', toShare: needed(flags.to, '--to, what is left of it') },
        ...(flags.aisle !== undefined && { scope: { kind: 'aisle', id: flags.aisle } }),
      };
    case 'ahu-loss': {
      const aisle = needed(flags.aisle, '--aisle');
      return {
        kind: 'ahu',
        scope: { kind: 'aisle', id: `${aisle}/${needed(flags.ahu, '--ahu')}` },
      };
    }
    case 'power-cut':
      return {
        ...{ kind: 'power', toShare: needed(flags.to, '--to, what is left of it') },
        ...(flags.row !== undefined && { scope: { kind: 'row', id: flags.row } }),
      };
    case 'ups-loss':
      return { kind: 'ups', scope: { kind: 'ups', id: needed(flags.ups, '--ups') } };
    case 'heat-wave':
      return { kind: 'heat_wave', byK: needed(flags.by, '--by, in K') };
    default:
      return name satisfies never;
  }
};

const needed = <Value>(value: Value | undefined, flag: string): Value => {
  if (value === undefined) throw wrong(`It needs ${flag}.`);
  return value;
};

const wrong = (message: string): CommandError => new CommandError(message, { usage: true });
