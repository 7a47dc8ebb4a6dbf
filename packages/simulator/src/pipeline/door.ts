import type { Simulation } from '../engine/simulation.ts';
import type { Deployment } from './deployment.ts';
import type { Fabric } from './fabric.ts';
import { createLargeTurns, type LargeTurns } from './large-turns.ts';
import type { RequestTable } from './request-table.ts';
import { createTransfers } from './transfers.ts';

/** The way of requests from their clients to the first stage: what the fabric takes, and turns of those with media. */
export interface Door {
  came(row: number): void;
  /** Its answer is whole; the row is still there. */
  left(row: number): void;
}

export interface DoorOptions {
  readonly deployments: readonly Deployment[];
  readonly requests: RequestTable;
  readonly fabric: Fabric;
}

/** `onEntered` is called when the first stage has the work. */
export const createDoor = (
  simulation: Simulation,
  { deployments, requests, fabric }: DoorOptions,
  onEntered: (row: number) => void,
): Door => {
  const enter = (row: number): void => {
    if (isLarge(row)) turnsOf(row)?.giveBack();
    onEntered(row);
  };
  const arriving = createTransfers<undefined>(simulation, enter);
  const bring = (row: number): void => {
    const { deployment, media } = requests.columns;
    const delayMs = fabric.onRequest(deployment[row] as number, media[row] as number);
    if (delayMs > 0) arriving.start(row, undefined, delayMs);
    else enter(row);
  };
  const turns = deployments.map(({ fabric: { largeTurns } = {} }) =>
    largeTurns === undefined ? undefined : createLargeTurns(simulation, largeTurns, bring),
  );
  const turnsOf = (row: number): LargeTurns | undefined =>
    turns[requests.columns.deployment[row] as number];
  const isLarge = (row: number): boolean => (requests.columns.media[row] as number) > 0;
  return {
    came: (row) => {
      const own = turnsOf(row);
      if (own !== undefined && isLarge(row)) return own.take(row);
      own?.smallBegins();
      bring(row);
    },
    left: (row) => {
      if (!isLarge(row)) turnsOf(row)?.smallEnds();
    },
  };
};
