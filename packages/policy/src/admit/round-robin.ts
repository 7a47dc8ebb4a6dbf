/** One tenant in a round: what its next request costs, or undefined where none of its requests can go now. */
export interface RoundShare {
  readonly tenant: string;
  readonly weight: number;
  /** Tokens of its next request; above zero. */
  readonly cost: number | undefined;
}

/** Whose turn it is, and what each waiting tenant has saved up in tokens. */
export interface RoundState {
  readonly turn: string | undefined;
  readonly saved: ReadonlyMap<string, number>;
}

export const freshRound: RoundState = { turn: undefined, saved: new Map() };

export type RoundOutcome =
  | { readonly kind: 'chosen'; readonly tenant: string; readonly state: RoundState }
  | { readonly kind: 'none'; readonly state: RoundState };

/**
 * Deficit round robin (Shreedhar and Varghese, SIGCOMM 1995) over all tenants that wait: in each round a tenant gains
 * `quantum` × weight tokens and goes while they pay for its next request. Rounds in which nobody can pay are skipped in
 * one step, so that the quantum may be small. What a tenant has saved is lost when it no longer waits; one whose
 * requests cannot go now keeps it and gains nothing.
 */
export const nextInRound = (
  { turn, saved }: RoundState,
  shares: readonly RoundShare[],
  quantum: number,
): RoundOutcome => {
  const kept = new Map(shares.map(({ tenant }) => [tenant, saved.get(tenant) ?? 0]));
  const payers = shares
    .filter((share): share is Payer => share.cost !== undefined)
    .toSorted((a, b) => byName(a.tenant, b.tenant));
  const [first] = payers;
  if (first === undefined) return { kind: 'none', state: { turn, saved: kept } };
  const savedBy = ({ tenant }: RoundShare): number => kept.get(tenant) ?? 0;
  const current = payers.find(({ tenant }) => tenant === turn);
  if (current !== undefined && savedBy(current) >= current.cost) {
    return pay(current, kept);
  }
  // From the one after the turn to the turn itself.
  const start = turn === undefined ? 0 : payers.findIndex(({ tenant }) => tenant > turn);
  const ring = start < 1 ? payers : [...payers.slice(start), ...payers.slice(0, start)];
  const roundsOf = (share: Payer): number =>
    Math.max(1, Math.ceil((share.cost - savedBy(share)) / (quantum * share.weight)));
  const rounds = Math.min(...ring.map(roundsOf));
  const at = ring.findIndex((share) => roundsOf(share) === rounds);
  ring.forEach((share, index) => {
    const gained = index <= at ? rounds : rounds - 1;
    kept.set(share.tenant, savedBy(share) + gained * quantum * share.weight);
  });
  return pay(ring[at] ?? first, kept);
};

type Payer = RoundShare & { readonly cost: number };

const pay = ({ tenant, cost }: Payer, saved: Map<string, number>): RoundOutcome => {
  saved.set(tenant, (saved.get(tenant) ?? 0) - cost);
  return { kind: 'chosen', tenant, state: { turn: tenant, saved } };
};

const byName = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
