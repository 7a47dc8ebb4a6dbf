import type { Constraint } from '../reconfigure/constraint.ts';
import type { Draft, DraftOpaque } from '../reconfigure/draft.ts';
import { perWatt } from '../reconfigure/improve.ts';

/**
 * The last resort: where adjustable instances have given all and a limit itself, not just the aim below it, would still be
 * passed, opaque ones are capped by the least that keeps it. Of one constraint all give the same share of what they can.
 * Caps do not go below what the hardware takes; what is left then is unsolved.
 */
export const capOpaque = (draft: Draft, engaged: ReadonlySet<string>): void => {
  const past = [...engaged].flatMap((key) => {
    const [constraint, at] = [draft.constraints.get(key), draft.at.get(key)];
    return constraint !== undefined && at !== undefined && at > constraint.limit
      ? [{ constraint, share: (at - constraint.limit) / Math.max(1, Math.abs(constraint.limit)) }]
      : [];
  });
  for (const { constraint } of past.toSorted((a, b) => b.share - a.share)) {
    capAt(draft, constraint);
  }
  for (const opaque of draft.opaque) giveBack(draft, opaque);
};

/** What one limit took may be more than needed once another one has taken too. */
const giveBack = (draft: Draft, opaque: DraftOpaque): void => {
  const { instance, reach, powerW } = opaque;
  const allowedW = Math.min(instance.demandW, instance.capW ?? Infinity);
  const roomW = reach.map(({ key, part, weight }) => {
    const [constraint, at] = [draft.constraints.get(key), draft.at.get(key)];
    const perW = weight * perWatt(instance, part);
    if (constraint === undefined || at === undefined || !(perW > 0)) return Infinity;
    return Math.max(0, constraint.limit - at) / perW;
  });
  const byW = Math.min(allowedW - powerW, ...roomW);
  if (byW > 0) lowerOpaque(draft, opaque, -byW);
};

const capAt = (draft: Draft, { key, limit }: Constraint): void => {
  const need = (draft.at.get(key) ?? limit) - limit;
  if (!(need > 0)) return;
  const givers = draft.opaque.flatMap((opaque) => {
    const perW = opaque.reach
      .filter((reach) => reach.key === key)
      .reduce((sum, { part, weight }) => sum + weight * perWatt(opaque.instance, part), 0);
    const giveW = Math.max(0, opaque.powerW - opaque.instance.capMinW);
    return perW * giveW > 0 ? [{ opaque, perW, giveW }] : [];
  });
  const most = givers.reduce((sum, { perW, giveW }) => sum + perW * giveW, 0);
  if (most === 0) return;
  const share = Math.min(1, need / most);
  for (const { opaque, giveW } of givers) lowerOpaque(draft, opaque, giveW * share);
};

/** Writes a lower cap of an opaque instance into the draft. */
export const lowerOpaque = (draft: Draft, opaque: DraftOpaque, byW: number): void => {
  for (const { key, part, weight } of opaque.reach) {
    const at = draft.at.get(key);
    if (at !== undefined) draft.at.set(key, at - byW * weight * perWatt(opaque.instance, part));
  }
  opaque.powerW -= byW;
};
