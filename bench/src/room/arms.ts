/** The three levers of an arm. */
export interface Arm {
  readonly place: boolean;
  readonly route: boolean;
  readonly reconfigure: boolean;
}

/** Every combination: oblivious first, all levers last. */
export const arms: readonly Arm[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  place: (bits & 1) !== 0,
  route: (bits & 2) !== 0,
  reconfigure: (bits & 4) !== 0,
}));

export const nameOf = (arm: Arm): string => {
  const on = Object.entries(arm).flatMap(([lever, isOn]) => (isOn ? [lever] : []));
  return on.length === 0 ? 'oblivious' : on.length === 3 ? 'aware' : on.join(' + ');
};

/** Settings by which services have the arm's levers. */
export const leverSettings = ({ place, route, reconfigure }: Arm): Record<string, string> => ({
  ISOTHERM_LEVER_PLACE: String(place),
  ISOTHERM_LEVER_ROUTE: String(route),
  ISOTHERM_LEVER_RECONFIGURE: String(reconfigure),
});
