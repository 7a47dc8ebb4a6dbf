import { freshRound, nextInRound, type RoundOptions, type RoundState } from './round-robin.ts';
import { type SloClassName, sloClassNames } from './slo-class.ts';

/** What one tenant has waiting in one class. */
export interface ShareView<Request> {
  readonly tenant: string;
  readonly weight: number;
  /** The first of its requests, by the order within a share, for which there is room now. */
  readonly first: { readonly request: Request; readonly cost: number } | undefined;
}

/** What waits in one class. */
export interface ClassView<Request> {
  readonly shares: readonly ShareView<Request>[];
  /** By how much the wait of its oldest request is over what the class is patient for; below zero: not yet. */
  readonly overdueMs: number;
}

export type WaitingView<Request> = Readonly<Record<SloClassName, ClassView<Request>>>;

export interface ChoiceState {
  /** Choices in a row that passed over a class that is overdue. */
  readonly passedOver: number;
  readonly rounds: Readonly<Record<SloClassName, RoundState>>;
}

export const freshChoice: ChoiceState = {
  passedOver: 0,
  rounds: { interactive: freshRound, standard: freshRound, batch: freshRound },
};

export interface ChoiceOptions extends RoundOptions {
  /** A class that is overdue gets at least every so manyth place. */
  readonly promotedEvery: number;
}

/** The quantum is small, or a tenant would go many times in a row. */
export const defaultChoiceOptions: ChoiceOptions = {
  ...{ quantum: 16, creditRequests: 8, absentMax: 256 },
  promotedEvery: 8,
};

export type Choice<Request> =
  | {
      readonly kind: 'chosen';
      readonly request: Request;
      readonly from: SloClassName;
      /** `promoted`: a more urgent class waited too. */
      readonly because: 'urgent' | 'promoted';
      readonly state: ChoiceState;
    }
  | { readonly kind: 'none'; readonly state: ChoiceState };

/**
 * Who gets the place that is free: the most urgent class that has somebody for it; in the class the tenant whose turn it
 * is; of the tenant the request that is due first. A class whose oldest request has waited longer than its patience gets
 * every `promotedEvery`-th place whatever is more urgent, so that none starves.
 */
export const chooseNext = <Request>(
  state: ChoiceState,
  waiting: WaitingView<Request>,
  options: ChoiceOptions,
): Choice<Request> => {
  const able = sloClassNames.filter((name) =>
    waiting[name].shares.some(({ first }) => first !== undefined),
  );
  const [urgent] = able;
  if (urgent === undefined) return { kind: 'none', state };
  const [overdue] = able
    .filter((name) => name !== urgent && waiting[name].overdueMs >= 0)
    .toSorted((one, other) => waiting[other].overdueMs - waiting[one].overdueMs);
  const promotes = overdue !== undefined && state.passedOver + 1 >= options.promotedEvery;
  const from = promotes ? overdue : urgent;
  const { shares } = waiting[from];
  const round = nextInRound(
    state.rounds[from],
    shares.map(({ tenant, weight, first }) => ({ tenant, weight, cost: first?.cost })),
    options,
  );
  const rounds = { ...state.rounds, [from]: round.state };
  const chosen =
    round.kind === 'chosen'
      ? shares.find(({ tenant }) => tenant === round.tenant)?.first
      : undefined;
  if (chosen === undefined) return { kind: 'none', state };
  return {
    kind: 'chosen',
    request: chosen.request,
    from,
    because: promotes ? 'promoted' : 'urgent',
    state: { passedOver: overdue === undefined || promotes ? 0 : state.passedOver + 1, rounds },
  };
};
