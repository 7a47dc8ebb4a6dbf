/** A medium that waits to be encoded. */
export interface WaitingMedium {
  /** The request that it is of. */
  readonly request: string;
  readonly tokens: number;
  /** How often others that came later have gone before it. */
  readonly passedOver: number;
}

/** How often a medium is passed over at most. */
export const passedOverMax = 32;

/**
 * Who goes next, at most `count` of them: media of the request that has least to encode, since it makes the others wait
 * least and a prompt needs all of its media; the first that came among equals. One that was passed over too often goes
 * before all others, so that many small requests slow a large one down and never stop it.
 */
export const nextMedia = <Entry extends WaitingMedium>(
  waiting: readonly Entry[],
  count: number,
): readonly Entry[] => {
  if (waiting.length <= count) return waiting;
  const tokens = new Map<string, number>();
  for (const { request, tokens: own } of waiting) {
    tokens.set(request, (tokens.get(request) ?? 0) + own);
  }
  const rank = ({ request, passedOver }: Entry): number =>
    passedOver >= passedOverMax ? -1 : (tokens.get(request) ?? 0);
  // The sort is stable: among equals the order of arrival stays.
  return [...waiting].sort((one, other) => rank(one) - rank(other)).slice(0, count);
};
