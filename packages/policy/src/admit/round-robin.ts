/** One tenant in a round: what its next request costs, or undefined where none of its requests can go now. */
export interface RoundShare {
  readonly tenant: string;
  readonly weight: number;
  /** Tokens of its next request; above zero. */
  readonly cost: number | undefined;
}

/** What a tenant has saved up in tokens, and its weight when it was last there. */
export interface Saved {
  readonly tokens: number;
  readonly weight: number;
}

/** Whose turn it is, and what each tenant has saved; those that do not wait now come first. */
export interface RoundState {
  readonly turn: string | undefined;
  readonly saved: ReadonlyMap<string, Saved>;
}

export const freshRound: RoundState = { turn: undefined, saved: new Map() };

export interface RoundOptions {
  /** Tokens that a tenant of weight 1 gains in a round. */
  readonly quantum: number;
  /** What a tenant may save while it does not wait: so many requests, of the size of the largest that are next. */
  readonly creditRequests: number;
  /** Tenants that do not wait and are remembered. */
  readonly absentMax: number;
}

export type RoundOutcome =
  | { readonly kind: 'chosen'; readonly tenant: string; readonly state: RoundState }
  | { readonly kind: 'none'; readonly state: RoundState };

/**
 * Deficit round robin (Shreedhar and Varghese, SIGCOMM 1995) over all tenants that wait: in each round a tenant gains
 * `quantum` × weight tokens and goes while they pay for its next request. Rounds in which nobody can pay are skipped in
 * one step, so that the quantum may be small. Unlike there, a tenant that does not wait goes on gaining, up to a bound: who
 * uses less than its share may use some of the rest at once, and does not pay for another's flood with its own bursts.
 */
export const nextInRound = (
  state: RoundState,
  shares: readonly RoundShare[],
  options: RoundOptions,
): RoundOutcome => {
  const savedBy = (tenant: string): number => state.saved.get(tenant)?.tokens ?? 0;
  const payers = shares
    .filter((share): share is Payer => share.cost !== undefined)
    .toSorted((a, b) => byName(a.tenant, b.tenant));
  const [first] = payers;
  if (first === undefined) return { kind: 'none', state };
  const current = payers.find(({ tenant }) => tenant === state.turn);
  if (current !== undefined && savedBy(current.tenant) >= current.cost) {
    return chosen(current, state, shares, payers, () => 0, options);
  }
  const { quantum } = options;
  const ring = ringOf(payers, state.turn);
  const roundsOf = ({ tenant, cost, weight }: Payer): number =>
    Math.max(1, Math.ceil((cost - savedBy(tenant)) / (quantum * weight)));
  const rounds = Math.min(...ring.map(roundsOf));
  const at = ring.findIndex((share) => roundsOf(share) === rounds);
  const later = new Set(ring.slice(at + 1).map(({ tenant }) => tenant));
  const gained = (tenant: string): number => (later.has(tenant) ? rounds - 1 : rounds);
  return chosen(ring[at] ?? first, state, shares, payers, gained, options);
};

type Payer = RoundShare & { readonly cost: number };

/** From the one after the turn to the turn itself. */
const ringOf = (payers: readonly Payer[], turn: string | undefined): readonly Payer[] => {
  const start = turn === undefined ? 0 : payers.findIndex(({ tenant }) => tenant > turn);
  return start < 1 ? payers : [...payers.slice(start), ...payers.slice(0, start)];
};

/** The state after `gained` rounds for each, and one request of the chosen tenant. */
const chosen = (
  { tenant, cost }: Payer,
  { saved }: RoundState,
  shares: readonly RoundShare[],
  payers: readonly Payer[],
  gained: (tenant: string) => number,
  { quantum, creditRequests, absentMax }: RoundOptions,
): RoundOutcome => {
  const creditMax = creditRequests * Math.max(...payers.map((payer) => payer.cost));
  const after = new Map<string, Saved>();
  const grow = (name: string, weight: number, pays: boolean): void => {
    const before = saved.get(name)?.tokens ?? 0;
    const grown = before + gained(name) * quantum * weight;
    // Who can pay spends what it gains; for the others it is bounded, and never taken away.
    const tokens = pays ? grown : Math.max(before, Math.min(grown, creditMax * weight));
    after.set(name, { tokens: name === tenant ? tokens - cost : tokens, weight });
  };
  const waiting = new Set(shares.map((share) => share.tenant));
  const absent = [...saved].filter(([name]) => !waiting.has(name));
  for (const [name, { weight }] of absent.slice(-absentMax)) grow(name, weight, false);
  for (const share of shares) grow(share.tenant, share.weight, share.cost !== undefined);
  return { kind: 'chosen', tenant, state: { turn: tenant, saved: after } };
};

const byName = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
